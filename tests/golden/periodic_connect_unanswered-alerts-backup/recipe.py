"""A job tries a host that is gone, twice in a row, every ten minutes; Linux SYNs. IPv6."""
from wire import *

with Capture() as cap:
    for turn in range(7):
        cap.at(turn * 600 + turn % 3 * 0.7)
        for n in range(2):
            cap.at(turn * 600 + turn % 3 * 0.7 + n * 12).syn_ladder("fd00:70::5", 40000 + turn * 2 + n, "fd00:70::99", 873)
        cap.at(turn * 600 + 100).tcp_session("fd00:70::5", 50000 + turn, "fd00:70::80", 443, request="a", response="b")
