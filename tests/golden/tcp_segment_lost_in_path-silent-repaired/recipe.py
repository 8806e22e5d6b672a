"""What is no loss in the path: repaired segments; one that the far capture itself missed (it was acknowledged); offload
that cuts and joins segments; a far capture that ends early; a lost FIN and a phone that vanishes with its last byte."""
from path import *

with Path(delay_ms=10, far_clock_s=7200.25) as path:
    one = path.connection("10.0.0.5", 40001, "10.9.0.1", 80, timestamps=True).handshake()
    one.data(True, b"a" * 1200, lost=True).data(True, b"b" * 1200)
    path.wait(250)
    one.segment(True, "A", seq=1001, payload=b"a" * 1200, lost=True)
    path.wait(500)
    one.segment(True, "A", seq=1001, payload=b"a" * 1200).travel()
    one.segment(False, "A").travel()
    one.data(True, b"c" * 700, missed=True).travel()
    one.segment(False, "A").travel().close()

    path.at(3)
    two = path.connection("10.0.0.5", 40002, "10.9.0.1", 80, client_isn=5000).handshake()
    start, ack = two.next[True], two.next[False]
    payload = bytes(range(256)) * 20
    path.tcp("10.0.0.5", 40002, "10.9.0.1", 80, "PA", seq=start, ack=ack, payload=payload, missed=True)
    for at in range(0, len(payload), 1460):
        path.tcp("10.0.0.5", 40002, "10.9.0.1", 80, "PA", seq=start + at, ack=ack, payload=payload[at:at + 1460],
                 unsent=True)
    two.next[True] += len(payload)
    two.travel()
    two.segment(False, "A").travel()
    two.data(False, b"z" * 2000).travel().close()

    path.at(6)
    three = path.connection("10.0.0.5", 40003, "10.9.0.1", 80, client_isn=9000).handshake()
    three.exchange(b"q", b"r" * 300)
    three.segment(True, "FA", lost=True)
    path.at(7)
    four = path.connection("10.0.0.5", 40004, "10.9.0.1", 80, client_isn=12000).handshake()
    four.data(True, b"last", lost=True)

    path.at(60)
    path.connection("10.0.0.5", 40005, "10.9.0.1", 80, client_isn=15000).handshake().exchange(b"q", b"r").close()
    late = path.connection("10.0.0.5", 40006, "10.9.0.1", 80, client_isn=18000).handshake()
    path.wait(2000)
    late.data(True, b"after the far capture", missed=True)
    for gap in (0.3, 0.6, 1.2):
        path.wait(gap * 1000)
        late.segment(True, "A", seq=late.next[True] - 21, payload=b"after the far capture", missed=True)
