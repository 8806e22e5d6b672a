"""A recursive resolver: answers its clients, asks name servers all over the world, some of them dead."""
from wire import *

with Capture() as cap:
    for i in range(80):
        cap.at(i * 0.4).udp_exchange("10.53.0.9", 40000 + i, "10.53.0.53", 53, b"q" * 30, b"a" * 60, rtt_ms=30)
        server = f"198.51.{i % 60}.53"
        if i % 10 < 7:
            cap.at(i * 0.4 + 0.002).udp_exchange("10.53.0.53", 20000 + i, server, 53, b"q" * 30, b"a" * 60, rtt_ms=20)
        for n in range(3 if i % 10 >= 7 else 0):
            cap.at(i * 0.4 + n).udp("10.53.0.53", 21000 + 3 * i + n, f"203.0.113.{i % 3 + 1}", 53, b"q" * 30)
