"""One zone is slow, whoever asks; and a resolver whose cold cache takes 80 ms."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(60):
        cap.at(0.5 * i)
        dns_exchange(cap, "10.9.3.5", 40000 + i, "10.9.0.53", f"w{i}.zone.example", took_ms=1500 if i % 2 else 3, addresses=["192.0.2.7"])
        dns_exchange(cap, "10.9.3.6", 42000 + i, "10.9.0.54", f"w{i}.zone{i % 9}.example", took_ms=80, addresses=["192.0.2.7"])
