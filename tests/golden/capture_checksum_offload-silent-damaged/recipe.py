"""Every fifth segment of a download arrives with two bytes changed; the receiver does not take it, and it is sent again."""
from wire import *

with Capture() as cap:
    web = cap.tcp_handshake("10.61.0.9", 40000, "10.61.0.80", 80, rtt_ms=0.4)
    web.client("GET /file HTTP/1.1\r\nHost: files\r\n\r\n")
    for i in range(25):
        if i % 5 == 2:
            web.from_server("A", payload=b"d" * 1200, bad_checksum=True)
            cap.wait(250)
        web.server("d" * 1200)
        cap.wait(2)
