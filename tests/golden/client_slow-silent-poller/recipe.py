"""A poller that comes every five seconds, and an idle session that speaks every 20 to 28 s."""
from wire import *

with Capture() as cap:
    poller = cap.tcp_handshake("10.60.0.5", 40000, "10.61.0.80", 9100, rtt_ms=0.4)
    idle = cap.tcp_handshake("10.60.0.6", 40001, "10.61.0.80", 22, rtt_ms=0.4)
    for i in range(30):
        cap.at(1 + 5 * i)
        poller.client("GET /metrics HTTP/1.1\r\n\r\n")
        cap.wait(8)
        poller.server("HTTP/1.1 200 OK\r\nContent-Length: 800\r\n\r\n" + "m" * 800)
        if i % 5 == 0:
            cap.at(2.5 + 5 * i + cap.random.randrange(2000) / 1000)
            idle.client("k" * 36)
            cap.wait(1)
            idle.server("k" * 36)
