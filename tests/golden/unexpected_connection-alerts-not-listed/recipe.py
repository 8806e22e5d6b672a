"""A file server asks for a port that its list does not hold; answered the second time. And IPv6, refused."""
from wire import *

with Capture() as cap:
    cap.at(0).syn_ladder("10.72.0.15", 50100, "10.72.9.1", 7789)
    cap.at(60).tcp_session("10.72.0.15", 50101, "10.72.9.1", 7789, request="a", response="b")
    cap.at(70).tcp_refused("fd00:72::15", 50102, "fd00:72::9", 4444)
