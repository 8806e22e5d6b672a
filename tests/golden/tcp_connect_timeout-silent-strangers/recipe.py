"""Strangers from outside try a server that never answered them; inside, it talks. At most info."""
from wire import *

with Capture() as cap:
    cap.tcp_session("10.41.0.80", 41000, "10.41.0.53", 443, request="a", response="b")
    for i in range(2):
        cap.at(5 + i * 4).syn_ladder(f"198.51.100.{i + 1}", 42000 + i, "10.41.0.80", 3389)
    cap.at(60).ping("10.40.0.1", "10.40.0.2")
