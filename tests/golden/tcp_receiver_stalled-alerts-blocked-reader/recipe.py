"""A receiver closes its window for nine seconds while the sender probes; then again, until it resets."""
from wire import *

with Capture() as cap:
    one = cap.tcp_handshake("10.60.0.5", 40001, "10.61.0.80", 9100)
    one.client("x" * 7300)
    cap.at(1)
    one.from_server("A", win=0)
    for after in (0.3, 0.9, 2.1, 4.5):
        cap.at(1 + after)
        one.from_client("A", seq=one.client_next - 1)
        cap.wait(0.3)
        one.from_server("A", win=0)
    cap.at(10)
    one.from_server("A")
    one.client("x" * 2920)
    cap.at(20)
    one.from_server("A", win=0)
    for after in (0.3, 0.9, 2.1):
        cap.at(20 + after)
        one.from_client("A", payload="x")
        cap.wait(0.3)
        one.from_server("A", win=0)
    cap.at(25)
    one.from_server("RA", win=0)
