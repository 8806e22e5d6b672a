"""All segments of one sender are damaged, in a VLAN, over IPv6: nothing is acknowledged, and it tries again and again."""
from wire import *

with Capture() as cap:
    other = cap.tcp_handshake("2001:db8:1::6", 40001, "2001:db8:2::80", 80, rtt_ms=0.4, vlan=[7])
    other.client("GET / HTTP/1.1\r\n\r\n").server("x" * 500)
    web = cap.tcp_handshake("2001:db8:1::5", 40000, "2001:db8:2::80", 80, rtt_ms=0.4, vlan=[7])
    for gap in (300, 600, 1200, 2400, 4800):
        web.from_client("PA", payload=b"GET / HTTP/1.1\r\n\r\n", checksum=0x4321)
        cap.wait(gap)
    web.close("rst")
