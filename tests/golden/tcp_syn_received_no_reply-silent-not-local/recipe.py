"""On a mirror port, whose host is none of the two: SYNs of others are no affair of this host's stack."""
from wire import *

with Capture() as cap:
    for i in range(4):
        cap.at(10 + i * 15).syn_ladder("10.30.0.9", 42000 + i, "10.30.0.80", 8530)
