"""A full-size segment and four repeats never arrive, behind translation, clocks an hour apart; the smaller one after it
does. Another session loses one segment and repairs it."""
from path import *

with Path(delay_ms=15, far_clock_s=-3600, nat={"10.0.0.5": "198.51.100.7"}, ports={40000: 61000}) as path:
    good = path.connection("10.0.0.5", 40001, "203.0.113.9", 80, client_isn=77, server_isn=99).handshake()
    good.data(True, b"a" * 1000, lost=True).data(True, b"b" * 500)
    path.wait(300)
    good.segment(True, "PA", seq=78, payload=b"a" * 1000).travel()
    good.segment(False, "A").travel().close()
    path.at(2)
    bad = path.connection("10.0.0.5", 40000, "203.0.113.9", 80).handshake()
    bad.data(True, b"h" * 281)
    hole = bad.next[True]
    bad.data(True, b"x" * 1460, flags="A", lost=True).data(True, b"y" * 586).travel()
    bad.segment(False, "A", ack=hole, sack=[(hole + 1460, hole + 2046)])
    for gap in (0.3, 0.6, 1.2, 2.4):
        path.wait(gap * 1000)
        bad.segment(True, "A", seq=hole, payload=b"x" * 1460, lost=True)
    path.wait(20000)
    bad.segment(False, "RA", ack=hole)
