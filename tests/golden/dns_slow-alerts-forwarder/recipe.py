"""A resolver that was fast for two minutes takes seconds for every third name."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(60):
        cap.at(2 * i)
        dns_exchange(cap, f"10.9.3.{i % 7 + 5}", 40000 + i, "10.9.0.53", f"w{i}.zone{i % 9}.example", took_ms=4, addresses=["192.0.2.7"])
    for i in range(40):
        cap.at(130 + i)
        dns_exchange(cap, f"10.9.3.{i % 7 + 5}", 41000 + i, "10.9.0.53", f"x{i}.zone{i % 9}.example",
                     took_ms=1800 if i % 3 == 0 else 4, addresses=["192.0.2.7"])
