"""A name that two clients resolved is removed; they go on asking for it."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(2):
        cap.at(i)
        dns_exchange(cap, f"10.9.3.{i + 5}", 40000 + i, "10.9.0.53", "app01.corp.example.net", addresses=["10.9.4.4"])
    for i in range(6):
        cap.at(20 + 5 * i)
        dns_exchange(cap, f"10.9.3.{i % 2 + 5}", 41000 + i, "10.9.0.53", "app01.corp.example.net", kind=A if i < 4 else AAAA,
                     rcode=NXDOMAIN)
