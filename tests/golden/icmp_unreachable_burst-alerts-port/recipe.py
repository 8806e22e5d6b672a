"""Nothing listens at a name server any more; each client's queries are refused by ICMP."""
from wire import *

with Capture() as cap:
    for i in range(30):
        cap.at(i * 0.4)
        query = cap.udp(f"10.67.0.{i % 5 + 1}", 41000 + i, "10.67.9.53", 53, b"q" * 30)
        cap.wait(0.2).icmp_unreachable("10.67.9.53", f"10.67.0.{i % 5 + 1}", query)
    cap.at(14).udp_exchange("10.67.0.1", 50000, "10.67.9.54", 53, b"q" * 30, b"a" * 60)
