"""Acknowledgments that overtake their data within a capture of several queues; a FIN and a probe's byte not seen."""
from wire import *

with Capture() as cap:
    one = cap.tcp_handshake("10.60.0.5", 40001, "10.61.0.80", 8081)
    one.client("h" * 285)
    for i in range(5):
        cap.wait(10)
        one.from_client("A", ack=one.server_next + 1460)
        cap.wait(0.02)
        one.from_server("PA", payload="x" * 1460)
        one.server_next += 1460
    cap.wait(10)
    one.server_next += 1
    one.from_client("A")
    one.from_client("FA")
