"""One external client goes away in the middle of a download: an everyday thing."""
from wire import *

with Capture() as cap:
    connection = cap.tcp_handshake("198.51.100.7", 40001, "10.61.0.80", 443, rtt_ms=40)
    connection.client("a" * 300)
    begun = cap.seconds()
    for after in (0, 0.04, 0.3, 0.9):
        cap.at(begun + after)
        connection.from_server("PA", payload="x" * 1460)
    cap.at(60).ping("10.60.0.1", "10.60.0.2")
