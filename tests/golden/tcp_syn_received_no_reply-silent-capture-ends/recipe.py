"""The capture ends 100 ms after five fresh SYNs; the server answered all before. The end of a capture is no outage."""
from wire import *

with Capture() as cap:
    for i in range(20):
        cap.at(i).tcp_session("10.30.0.9", 41000 + i, "10.30.0.80", 443, request="a", response="b")
    for i in range(5):
        cap.at(20 + i * 0.02).tcp("10.30.0.9", 43000 + i, "10.30.0.80", 443, "S", seq=1 + i, mss=1460)
