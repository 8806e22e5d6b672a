"""One host tries another's IP protocols one after the other; of it only the answers are seen."""
from wire import *

with Capture() as cap:
    for protocol in range(60, 110):
        probe = packets.ip("10.67.0.128", "10.67.0.2", protocol, b"")
        cap.wait(1).icmp_unreachable("10.67.0.2", "10.67.0.128", probe, code=2)
    cap.at(20).udp_exchange("10.67.0.1", 50000, "10.67.9.54", 53, b"q" * 30, b"a" * 60)
