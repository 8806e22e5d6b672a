"""What looks like slow answers: a server that pushes, an upload over a thin line, a request that was lost and resent."""
from wire import *

with Capture() as cap:
    idle = cap.tcp_handshake("10.60.0.5", 40000, "10.61.0.25", 143, rtt_ms=0.4)
    idle.client("a IDLE\r\n").server("+ idling\r\n")
    for i in range(12):
        cap.wait(cap.random.randrange(300, 4000))
        idle.server(f"* {i} EXISTS\r\n")
    upload = cap.tcp_handshake("10.60.0.6", 40001, "10.61.0.80", 80, rtt_ms=20)
    for i in range(8):
        for piece in range(12):
            upload.from_client("A", payload=b"u" * 1460)
            upload.client_next += 1460
            cap.wait(40)
        cap.wait(20)
        upload.from_server("A")
        cap.wait(30)
        upload.server("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    lossy = cap.tcp_handshake("10.60.0.7", 40002, "10.61.0.80", 8080, rtt_ms=1)
    for i in range(8):
        lossy.from_client("PA", payload=b"q" * 200)
        cap.wait(300)
        lossy.from_client("PA", payload=b"q" * 200)
        lossy.client_next += 200
        cap.wait(2)
        lossy.server("answer" * 20)
        cap.wait(10)
