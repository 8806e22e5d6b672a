"""A client tries IPv6 first, is refused there, and is served over IPv4 at once (RFC 8305)."""
from wire import *

with Capture() as cap:
    for i in range(8):
        cap.at(1 + i).tcp_refused("fd00:50::1", 42000 + i, "fd00:51::80", 443)
        cap.wait(20).tcp_session("fd00:50::1", 43000 + i, "fd00:51::81", 443, request="a", response="b")
