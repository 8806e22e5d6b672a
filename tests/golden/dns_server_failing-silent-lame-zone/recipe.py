"""One lame zone fails for everybody; a stranger is refused by a server that serves others elsewhere."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(100):
        cap.at(0.4 * i)
        dns_exchange(cap, f"10.9.3.{i % 5 + 5}", 40000 + i, "10.9.0.53", f"w{i}.zone{i % 11}.example", addresses=["192.0.2.7"])
        dns_exchange(cap, f"10.9.3.{i % 5 + 5}", 42000 + i, "10.9.0.53", f"w{i}.lame.example", rcode=SERVFAIL)
