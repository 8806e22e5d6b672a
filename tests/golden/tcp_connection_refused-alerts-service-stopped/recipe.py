"""A service accepts for ten seconds, then is stopped: RST for both of its clients."""
from wire import *

with Capture() as cap:
    for i in range(10):
        cap.at(i).tcp_session(f"10.50.0.{i % 2 + 1}", 41000 + i, "10.51.0.80", 8080, request="a", response="b")
    for i in range(8):
        cap.at(11 + i).tcp_refused(f"10.50.0.{i % 2 + 1}", 42000 + i, "10.51.0.80", 8080)
