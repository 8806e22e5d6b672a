"""One host asks for 1,500 ports of another, which drops them all: a scan, not a flood of any service."""
from wire import *

with Capture() as cap:
    cap.tcp_session("10.25.0.7", 40000, "10.25.0.80", 22, request="x", response="y")
    for i in range(1500):
        cap.at(1 + i * 0.002)
        cap.tcp("10.25.0.66", 51000, "10.25.0.80", 1 + i, "S", seq=1000, mss=1460)
