"""Stalls after full-size segments came through; small ones stall too; and a path MTU that is told and honoured."""
from troubles import *
from wire import *

with Capture() as cap:
    for i in range(2):
        cap.at(1 + i * 3)
        one = cap.tcp_handshake("10.60.0.5", 40001 + i, "10.71.0.80", 80)
        one.client("x" * 14600)
        begun = cap.seconds()
        for after in (0, 0.3, 0.9, 2.1, 4.5):
            cap.at(begun + after)
            one.from_client("A", payload="x" * 1460)
        one.close("server_rst")
    for i in range(2):
        stall(cap, "10.60.0.5", 40011 + i, "10.72.0.80", 80, 20 + i * 3, (0.3, 0.6, 1.2, 2.4, 4.8), size=300, more=0)
    cap.at(40)
    told = cap.tcp_handshake("10.60.0.5", 40021, "10.73.0.80", 80)
    quoted = cap.tcp("10.60.0.5", 40021, "10.73.0.80", 80, "A", seq=told.client_next, ack=told.server_next, payload="x" * 1460)
    cap.wait(1).icmp_unreachable("10.60.0.1", "10.60.0.5", quoted, code="frag_needed", mtu=1400)
    told.mss = 1360
    told.client("x" * 1460).close()
