"""A scan over UDP: closed ports answer with ICMP, open or filtered ones do not."""
from wire import *

with Capture() as cap:
    for i in range(60):
        quoted = cap.udp("10.0.0.66", 55555, "10.0.0.20", 20 + i * 9, b"")
        cap.wait(1)
        if i % 3:
            cap.icmp_unreachable("10.0.0.20", "10.0.0.66", quoted)
        cap.wait(50)
