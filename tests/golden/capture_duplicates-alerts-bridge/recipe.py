"""Everything is captured at a bridge and at its port: the same packet twice, 15 us apart, the hop limit lower by one."""
from wire import *

with Capture() as cap:
    web = cap.tcp_handshake("10.60.0.5", 40000, "10.61.0.80", 80, rtt_ms=0.4)
    for i in range(30):
        web.client("GET / HTTP/1.1\r\nHost: shop\r\n\r\n").server("d" * 6000)
        cap.wait(20)
    cap.packets += [(at + 15_000, frame[:22] + bytes([63]) + frame[23:], *rest) for at, frame, *rest in cap.packets]
