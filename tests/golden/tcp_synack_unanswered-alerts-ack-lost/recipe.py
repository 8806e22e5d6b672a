"""The SYN-ACKs of a service are repeated and never acknowledged, for four clients; one other client gets through."""
from wire import *

with Capture() as cap:
    cap.tcp_session("10.60.0.99", 40000, "10.61.0.80", 443, request="a", response="b")
    for i in range(4):
        cap.at(2 + i * 0.5)
        connection = cap.connection(f"10.60.0.{i + 1}", 41000 + i, "10.61.0.80", 443).syn()
        begun = cap.seconds()
        for after in (0.001, 1, 3):
            cap.at(begun + after)
            connection.from_server("SA", mss=1460, wscale=7, sack_ok=True)
    cap.at(30).ping("10.60.0.1", "10.60.0.2")
