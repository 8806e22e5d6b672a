"""Four connections of one client to a port of this host get no reply, while SSH answers it."""
from wire import *

with Capture() as cap:
    cap.at(2).tcp_session("10.30.0.9", 41000, "10.30.0.80", 22, request="a", response="b")
    for i in range(4):
        cap.at(10 + i * 15).syn_ladder("10.30.0.9", 42000 + i, "10.30.0.80", 8530)
