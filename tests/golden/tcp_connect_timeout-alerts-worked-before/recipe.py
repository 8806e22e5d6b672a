"""A service answers until second 20; then the attempts of three clients stay without any answer."""
from wire import *

with Capture() as cap:
    for i in range(10):
        cap.at(i * 2).tcp_session(f"10.40.0.{i % 3 + 1}", 41000 + i, "10.41.0.80", 443, request="a", response="b")
    for i in range(6):
        cap.at(20 + i * 3).syn_ladder(f"10.40.0.{i % 3 + 1}", 42000 + i, "10.41.0.80", 443)
    cap.at(60).ping("10.40.0.1", "10.40.0.2")
