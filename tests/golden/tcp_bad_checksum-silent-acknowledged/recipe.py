"""Sums that are wrong here and right on the wire: whatever the capture did to them, the receiver acknowledged at once.
And a single damaged segment."""
from wire import *

with Capture() as cap:
    web = cap.tcp_handshake("10.61.0.9", 40000, "10.61.0.80", 80, rtt_ms=0.4)
    for i in range(12):
        web.from_client("PA", payload=b"q" * 200, checksum=0x1111 * (i + 1))
        web.client_next += 200
        cap.wait(0.5)
        web.server("d" * 700)
    once = cap.tcp_handshake("10.61.0.9", 40001, "10.61.0.80", 80, rtt_ms=0.4)
    once.from_client("PA", payload=b"q" * 200, checksum=0x1111)
    cap.wait(220)
    once.client("q" * 200)
    once.server("d" * 100)
