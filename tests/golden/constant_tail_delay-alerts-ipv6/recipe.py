"""Each download stops for 0.3 s before its last segment, though all before it was acknowledged: a shaper's signature."""
from wire import *

with Capture() as cap:
    web = cap.tcp_handshake("2001:db8:1::5", 40000, "2001:db8:2::80", 80, rtt_ms=0.8, vlan=[12], timestamps=True)
    for i in range(16):
        web.client(f"GET /part{i} HTTP/1.1\r\nHost: files\r\n\r\n")
        web.server("d" * (web.mss * 14))
        cap.wait(0.3 * 1000 + cap.random.randrange(4))
        web.server("e" * 300)
        cap.wait(5 + cap.random.randrange(40))
    web.close()
