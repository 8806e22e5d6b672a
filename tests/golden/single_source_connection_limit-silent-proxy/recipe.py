"""A proxy opens 120 connections to a service and keeps them: all answered."""
from wire import *

with Capture() as cap:
    for i in range(120):
        cap.at(1 + i * 0.05).tcp_session("10.70.0.1", 41000 + i, "10.71.0.80", 443, request="a", response="b", close=None)
