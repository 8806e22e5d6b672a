"""A monitoring host connects to port 9100 of 150 hosts; one in ten is down, and the last were asked just before the end."""
from wire import *

with Capture() as cap:
    for i in range(150):
        host = f"10.0.1.{i + 1}"
        if i % 10 == 0:
            cap.syn_ladder("10.0.0.5", 40000 + i, host, 9100, gaps=())
        else:
            cap.tcp_session("10.0.0.5", 40000 + i, host, 9100, request="GET /metrics", response="x" * 100)
        cap.wait(2)
    for i in range(80):
        cap.tcp("10.0.0.5", 50000 + i, f"10.0.2.{i + 1}", 9100, "S", seq=9, mss=1460)
        cap.wait(0.5)
