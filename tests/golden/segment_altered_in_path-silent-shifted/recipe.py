"""What is allowed: addresses, ports and sequence numbers translated, offload, PSH, TTL and ECN changed, FTP through a
translator aside; and a proxy in between that opens a connection of its own."""
from path import *

with Path(delay_ms=8, far_clock_s=-12.125, nat={"10.0.0.5": "198.51.100.7"}, ports={50000: 1234},
          shift={"10.0.0.5": 123456}) as path:
    session = path.connection("10.0.0.5", 50000, "203.0.113.9", 443, timestamps=True, ttl=64).handshake()
    session.data(True, b"h" * 200, changed={"ttl": 50}).travel()
    session.data(False, b"s" * 1400, flags="A").travel()
    session.data(True, b"k" * 100).travel()
    session.exchange(b"q" * 50, b"r" * 70).close()
    path.at(5)
    # The same five-tuple at both points, but two connections.
    path.nat, path.ports, path.shift = {}, {}, {}
    for point, isn, options in ((path.near, 4000, {"mss": 1460, "wscale": 7, "sack_ok": True}), (path.far, 8000, {"mss": 1380})):
        clock = path.far_clock_s if point is path.far else 0
        point.at(5 + clock).tcp("10.0.0.5", 50002, "203.0.113.9", 80, "S", seq=isn, **options)
        point.wait(1).tcp("203.0.113.9", 80, "10.0.0.5", 50002, "SA", seq=isn * 2, ack=isn + 1, **options)
        point.wait(1).tcp("10.0.0.5", 50002, "203.0.113.9", 80, "A", seq=isn + 1, ack=isn * 2 + 1)
        point.wait(1).tcp("10.0.0.5", 50002, "203.0.113.9", 80, "PA", seq=isn + 1, ack=isn * 2 + 1,
                          payload=b"near" if point is path.near else b"other bytes")
    path.at(9)
    path.connection("10.0.0.5", 50003, "203.0.113.9", 80, client_isn=31).handshake().exchange(b"q", b"r").close()
