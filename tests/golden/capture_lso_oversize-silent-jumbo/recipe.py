"""Jumbo frames: the MSS is 8960, and a connection from before the capture has large segments too."""
from wire import *

with Capture() as cap:
    web = cap.tcp_handshake("10.60.0.5", 40000, "10.61.0.80", 80, rtt_ms=0.4, mss=8960)
    web.client("GET / HTTP/1.1\r\n\r\n").server("d" * 90000)
    old = cap.connection("10.60.0.6", 40000, "10.61.0.80", 80, rtt_ms=0.4, mss=8960)
    old.client("GET / HTTP/1.1\r\n\r\n").server("d" * 90000)
