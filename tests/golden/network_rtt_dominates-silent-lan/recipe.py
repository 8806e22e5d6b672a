"""The same dialogue on a LAN, and a far client that thinks for a second between requests: not the network."""
from wire import *

with Capture() as cap:
    near = cap.tcp_handshake("10.60.0.5", 40000, "10.61.0.7", 1433, rtt_ms=0.3)
    for i in range(12):
        near.client("q" * 120)
        cap.wait(1)
        near.server("r" * 400)
        cap.wait(1)
    far = cap.tcp_handshake("10.60.0.6", 40001, "198.51.100.7", 1433, rtt_ms=90)
    for i in range(10):
        far.from_client("PA", payload=b"q" * 120)
        far.client_next += 120
        cap.wait(91)
        far.server("r" * 400)
        cap.wait(1100 + cap.random.randrange(100))
