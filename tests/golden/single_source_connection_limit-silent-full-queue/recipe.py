"""A service stops accepting: the many connections of a load balancer and the few of others stay unanswered alike."""
from wire import *

with Capture() as cap:
    for i in range(80):
        cap.at(1 + i * 0.05).tcp_session("10.70.0.1", 41000 + i, "10.71.0.80", 443, request="a", response="b", close=None)
    for i in range(20):
        cap.at(6 + i * 0.1).syn_ladder("10.70.0.1", 42000 + i, "10.71.0.80", 443)
        cap.at(6 + i * 0.1).syn_ladder(f"10.70.0.{i + 2}", 43000 + i, "10.71.0.80", 443)
    cap.at(60).ping("10.70.0.1", "10.70.0.2")
