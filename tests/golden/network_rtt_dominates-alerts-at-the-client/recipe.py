"""The server answers at once, from another continent: 270 ms a round trip."""
from wire import *

with Capture() as cap:
    far = cap.tcp_handshake("10.60.0.5", 40000, "198.51.100.7", 443, rtt_ms=270)
    for i in range(12):
        far.from_client("PA", payload=b"q" * 300)
        far.client_next += 300
        cap.wait(272 + i % 3)
        far.server("a" * 1200)
        cap.wait(5)
    far.close()
