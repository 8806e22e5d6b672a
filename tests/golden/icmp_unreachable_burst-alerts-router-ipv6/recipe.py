"""A router has no way to a network: connections there get ICMPv6 errors (net)."""
from wire import *

with Capture() as cap:
    for i in range(16):
        cap.at(i * 0.5)
        syn = cap.tcp("fd00:68::5", 40000 + i, "fd00:99::80", 443, "S", seq=1000 + i, mss=1440)
        cap.wait(1).icmp_unreachable("fd00:68::1", "fd00:68::5", syn, code="net")
    cap.at(10).tcp_session("fd00:68::5", 50000, "fd00:68::80", 443, request="a", response="b")
