"""Sent again though it had arrived (D-SACK); reordering within a round trip; a loss here and there; one bad connection."""
from troubles import *
from wire import *

with Capture() as cap:
    for i in range(4):
        download(cap, f"198.51.100.{7 + i}", 40000 + i, "10.61.0.80", 1 + i * 4, 150, lost=range(10, 140, 20), dsack=True)
    for i in range(4):
        cap.at(30 + i)
        one = cap.tcp_handshake(f"198.51.101.{7 + i}", 40000, "10.61.0.80", 443, rtt_ms=30)
        one.client("GET")
        base = one.server_next
        for j in range(100):
            cap.wait(1)
            for k in (2 * j + 1, 2 * j) if j % 5 == 0 else (2 * j, 2 * j + 1):
                one.from_server("A", seq=base + k * 1000, payload="x" * 1000)
                cap.wait(0.2)
            one.from_client("A", ack=base + (2 * j + 2) * 1000)
    for i in range(4):
        download(cap, f"198.51.102.{7 + i}", 40000, "10.61.0.80", 50 + i * 4, 200, lost=(100,))
    download(cap, "198.51.103.7", 40000, "10.61.0.80", 80, 400, lost=range(10, 390, 10))
