"""A device takes the Ethernet padding of SYN-ACKs for data: two bytes, which the client acknowledges; twice, and a reset."""
from wire import *

with Capture() as cap:
    cap.tcp_session("10.60.0.5", 40000, "10.61.0.80", 80, request="a", response="b")
    cap.at(1)
    connection = cap.connection("10.60.0.5", 40001, "10.61.0.80", 443, client_isn=1000, server_isn=7_000_000).syn()
    cap.wait(17).tcp("10.61.0.80", 443, "10.60.0.5", 40001, "SA", seq=7_000_000, ack=1001, mss=1380, payload=b"\0\0")
    cap.wait(0.02).tcp("10.60.0.5", 40001, "10.61.0.80", 443, "A", seq=1001, ack=7_000_003)
    for after in (1.019, 1.33, 1.95):
        cap.at(after).tcp("10.60.0.5", 40001, "10.61.0.80", 443, "PA", seq=1001, ack=7_000_003, payload="h" * 127)
    cap.at(4.2).tcp("10.61.0.80", 443, "10.60.0.5", 40001, "SA", seq=7_000_000, ack=1001, mss=1380, payload=b"\0\0")
    cap.at(7).tcp("10.61.0.80", 443, "10.60.0.5", 40001, "RA", seq=7_000_001, ack=1001, payload=b"\0" * 6)
