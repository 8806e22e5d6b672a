"""Attempts that nobody answers are no proof of a second way; and two-sided connections are what the rest is."""
from wire import *

with Capture() as cap:
    for i in range(12):
        cap.tcp_session("10.60.0.5", 40000 + i, "10.61.0.80", 80, request="GET /", response="d" * 900)
        cap.syn_ladder("10.60.0.5", 41000 + i, "10.61.0.81", 81, gaps=(1, 2, 4, 8))
        cap.wait(20)
