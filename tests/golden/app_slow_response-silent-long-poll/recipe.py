"""An idle consumer fetches and gets nothing for half a second each time; a page polls for news for five seconds."""
from wire import *

with Capture() as cap:
    fetch = cap.tcp_handshake("10.60.0.5", 40000, "10.61.0.90", 9092, rtt_ms=0.4)
    for i in range(60):
        fetch.client(b"\0\0\0\x40" + b"fetch" * 12)
        cap.wait(500 + cap.random.randrange(3))
        fetch.server(b"\0\0\0\x20" + b"none" * 8)
        cap.wait(1)
    poll = cap.tcp_handshake("10.60.0.6", 40001, "10.61.0.80", 80, rtt_ms=0.4)
    for i in range(12):
        poll.client("GET /news HTTP/1.1\r\nHost: shop\r\n\r\n")
        cap.wait(5000 + cap.random.randrange(20))
        poll.server("HTTP/1.1 204 No Content\r\n\r\n")
        cap.wait(30)
