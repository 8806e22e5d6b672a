"""Each download stops for 0.2 s before its last segment, though all before it was acknowledged: a shaper's signature."""
from wire import *

with Capture() as cap:
    web = cap.tcp_handshake("10.60.0.5", 40000, "10.61.0.80", 80, rtt_ms=0.8)
    for i in range(16):
        web.client(f"GET /part{i} HTTP/1.1\r\nHost: files\r\n\r\n")
        web.server("d" * (web.mss * 14))
        cap.wait(0.2 * 1000 + cap.random.randrange(4))
        web.server("e" * 300)
        cap.wait(5 + cap.random.randrange(40))
    web.close()
