"""A batch client computes for 300 ms between an answer and its next query; the database takes 3 ms."""
from wire import *

with Capture() as cap:
    db = cap.tcp_handshake("10.60.0.5", 40000, "10.61.0.80", 5432, rtt_ms=0.4)
    for i in range(20):
        db.client("SELECT 1;" * 9)
        cap.wait(3)
        db.server("r" * 700)
        cap.wait(300 + cap.random.randrange(4))
    db.close()
