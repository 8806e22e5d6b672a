"""The same statement about a few packets: not worth a line."""
from wire import *

with Capture("input.pcapng") as cap:
    for i in range(20):
        cap.tcp_session("10.60.0.5", 40000 + i, "10.61.0.80", 80, request="GET /", response="d" * 9000)
        cap.wait(20)
    cap.losses = {0: (340, 12, 7)}
