"""traceroute over UDP: ninety ports of one host, of which only the last hop refuses some."""
from wire import *

with Capture() as cap:
    for i in range(90):
        quoted = cap.udp("10.0.0.5", 40000 + i, "198.51.100.9", 33434 + i, b"x" * 32, ttl=1 + i // 3)
        cap.wait(5)
        if i > 75:
            cap.icmp_unreachable("198.51.100.9", "10.0.0.5", quoted)
        cap.wait(20)
