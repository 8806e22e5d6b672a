"""Retransmissions and repeated acknowledgments are no copies: each has an IP ID of its own."""
from wire import *

with Capture() as cap:
    web = cap.tcp_handshake("10.60.0.5", 40000, "10.61.0.80", 80, rtt_ms=0.4)
    for i in range(30):
        web.client("GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
        web.from_server("A", payload=b"d" * 1460)
        cap.wait(0.3)
        web.from_server("A", payload=b"d" * 1460)
        web.server_next += 1460
        for _ in range(3):
            web.from_client("A")
        cap.wait(20)
