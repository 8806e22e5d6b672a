"""A resolver that has closed its sockets, traceroute, one dead server among many flows, and strangers' forged errors."""
from wire import *

with Capture() as cap:
    for i in range(40):
        cap.at(i * 0.2).udp("10.69.0.53", 20000 + i, "198.51.100.53", 53, b"q" * 30)
        answer = cap.wait(20).udp("198.51.100.53", 53, "10.69.0.53", 20000 + i, b"a" * 60)
        late = cap.wait(20).udp("198.51.100.53", 53, "10.69.0.53", 20000 + i, b"a" * 60)
        cap.wait(1).icmp_unreachable("10.69.0.53", "198.51.100.53", late)
        probe = cap.wait(1).udp("10.69.0.7", 53000, "203.0.113.9", 33434 + i, b"x" * 32, ttl=i % 8 + 1)
        cap.wait(1).icmp(f"10.69.{i % 8}.1", "10.69.0.7", 11, 0, payload=probe)
        forged = packets.ip("10.69.0.8", "203.0.113.7", UDP, packets.udp_datagram("10.69.0.8", 9, "203.0.113.7", 9, b"x"))
        cap.wait(1).icmp_unreachable("203.0.113.7", "10.69.0.8", forged)
