"""Many clients ask for a port that nobody listens on: refused with RST, which costs the server nothing."""
from wire import *

with Capture() as cap:
    for i in range(800):
        cap.at(i * 0.004)
        cap.tcp_refused(f"203.0.113.{i % 250 + 1}", 1024 + i, "10.20.0.80", 8080, rtt_ms=0.2)
