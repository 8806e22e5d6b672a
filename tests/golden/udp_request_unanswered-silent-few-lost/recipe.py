"""A busy name server that loses five queries of a thousand."""
from wire import *

with Capture() as cap:
    for i in range(1000):
        cap.at(i * 0.01)
        if 500 <= i < 505:
            cap.udp("10.55.0.5", 30000 + i, "10.55.0.53", 53, b"q" * 30)
        else:
            cap.udp_exchange("10.55.0.5", 30000 + i, "10.55.0.53", 53, b"q" * 30, b"a" * 60)
