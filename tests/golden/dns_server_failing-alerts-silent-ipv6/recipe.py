"""A resolver stops answering; it is asked over IPv6."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(60):
        cap.at(0.5 * i)
        client, server, name = f"2001:db8:3::{i % 5 + 5:x}", "2001:db8::53", f"w{i}.zone{i % 11}.example"
        if i < 30:
            dns_exchange(cap, client, 40000 + i, server, name, addresses=["192.0.2.7"])
        else:
            cap.udp(client, 40000 + i, server, 53, dns_query(i, name))
    cap.at(60)
    cap.udp("2001:db8:3::5", 4000, "2001:db8:3::6", 4001, b"later")
