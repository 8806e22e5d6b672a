"""A resolver loses its forwarder: half of all answers are SERVFAIL."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(100):
        cap.at(0.4 * i)
        failing = i >= 40 and i % 2 == 0
        given = {"rcode": SERVFAIL} if failing else {"addresses": ["192.0.2.7"]}
        dns_exchange(cap, f"10.9.3.{i % 5 + 5}", 40000 + i, "10.9.0.53", f"w{i}.zone{i % 11}.example", **given)
