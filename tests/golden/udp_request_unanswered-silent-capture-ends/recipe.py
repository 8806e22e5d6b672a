"""The capture ends within 100 ms of eight queries: no outage."""
from wire import *

with Capture() as cap:
    for i in range(40):
        cap.at(i * 0.25).udp_exchange("10.54.0.5", 40000 + i, "10.54.0.53", 53, b"q" * 30, b"a" * 60)
    for i in range(8):
        cap.at(10 + i * 0.01).udp("10.54.0.5", 41000 + i, "10.54.0.53", 53, b"q" * 30)
