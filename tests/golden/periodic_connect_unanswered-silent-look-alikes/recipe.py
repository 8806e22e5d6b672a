"""Irregular attempts at a dead host; by the clock, but answered or refused in between; one attempt of eight SYNs."""
from wire import *

with Capture() as cap:
    for at in (0, 210, 290, 800, 1900, 2050, 3100, 3170):
        cap.at(at).syn_ladder("10.71.0.5", 40000 + at, "10.71.0.99", 445)
    for turn in range(8):
        cap.at(50 + turn * 400)
        if turn % 3 == 2:
            cap.tcp_refused("10.71.0.5", 41000 + turn, "10.71.0.98", 8080)
        else:
            cap.syn_ladder("10.71.0.5", 41000 + turn, "10.71.0.98", 8080)
        cap.at(60 + turn * 400).tcp_session("10.71.0.5", 42000 + turn, "10.71.0.80", 443, request="a", response="b")
    cap.at(3300).syn_ladder("10.71.0.5", 43000, "10.71.0.97", 22, gaps=(1, 1, 1, 1, 1, 2, 4))
