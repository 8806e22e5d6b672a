"""Captured at the server: it answers within 2 ms, and waits a round trip of 120 ms for each next request. VLAN 30."""
from wire import *

with Capture() as cap:
    db = cap.connection("10.70.0.9", 40000, "10.61.0.7", 1433, vlan=[30])
    db.syn()
    cap.wait(0.1)
    db.synack()
    cap.wait(120)
    db.from_client("A")
    for i in range(12):
        db.from_client("PA", payload=b"q" * 120)
        db.client_next += 120
        cap.wait(2)
        db.from_server("PA", payload=b"r" * 400)
        db.server_next += 400
        cap.wait(121 + i % 4)
    db.close()
