"""The same with the rule off, as shipped."""
from wire import *

with Capture() as cap:
    for i in range(20):
        cap.at(i * 5).tcp_session("10.76.0.7", 50000 + i, "10.76.9.1", 443, request="a", response="b")
    cap.at(80).tcp_session("10.76.0.7", 51000, "10.76.9.4", 5985, request="a", response="b")
