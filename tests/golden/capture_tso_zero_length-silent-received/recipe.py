"""A length of 0 on what arrives from outside is malformed, and no offload of this host."""
from wire import *

with Capture() as cap:
    web = cap.tcp_handshake("10.60.0.5", 40000, "198.51.100.80", 80, rtt_ms=9)
    web.client("GET / HTTP/1.1\r\n\r\n")
    for i in range(4):
        web.from_server("PA", payload=b"d" * 1200, length=0)
        web.server_next += 1200
        cap.wait(1)
        web.from_client("A")
    web.close()
