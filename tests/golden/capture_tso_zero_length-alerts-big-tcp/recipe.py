"""A web server's segments leave in bundles whose IP length is 0; the client acknowledges all of them."""
from wire import *

with Capture() as cap:
    web = cap.tcp_handshake("10.60.0.5", 40000, "10.61.0.80", 80, rtt_ms=0.4)
    web.client("GET / HTTP/1.1\r\n\r\n")
    for i in range(4):
        web.from_server("PA", payload=b"d" * 20000, length=0)
        web.server_next += 20000
        cap.wait(1)
        web.from_client("A")
    web.close()
