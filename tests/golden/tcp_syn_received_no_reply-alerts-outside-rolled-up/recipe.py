"""Strangers try a port of a public host that never answered: one info for all of them."""
from wire import *

with Capture() as cap:
    for i in range(40):
        cap.at(1 + i).syn_ladder(f"198.51.100.{i + 1}", 50000 + i, "203.0.113.5", 23, gaps=(1,))
