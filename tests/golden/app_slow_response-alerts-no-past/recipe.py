"""A database over IPv6 answers every query after 430 to 480 ms, at a round trip of half a millisecond; nothing was seen before."""
from wire import *

with Capture() as cap:
    db = cap.tcp_handshake("2001:db8:1::5", 40000, "2001:db8:2::7", 5432, rtt_ms=0.5, vlan=[40])
    for i in range(8):
        db.client(f"SELECT {i};" * 8)
        cap.wait(430 + cap.random.randrange(50))
        db.server("r" * 900)
        cap.wait(20)
    db.close()
