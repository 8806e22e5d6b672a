"""Whoever wrote the file says that the kernel had no room for 900 packets of the second interface."""
from wire import *

with Capture("input.pcapng", interfaces=("eth0", "eth1")) as cap:
    for i in range(20):
        cap.interface = i % 2
        cap.tcp_session("10.60.0.5", 40000 + i, "10.61.0.80", 80, request="GET /", response="d" * 9000)
        cap.wait(20)
    cap.losses = {0: (170, 0, 0), 1: (1070, 3, 900)}
