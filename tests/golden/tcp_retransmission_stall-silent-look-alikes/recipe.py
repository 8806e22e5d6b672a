"""Repaired by the second copy; keep-alives; FINs repeated; probes of a closed window; a probe for the tail; a sender whose
receiver is never seen; a single copy of a lost acknowledgment."""
from wire import *

with Capture() as cap:
    one = cap.tcp_handshake("10.60.0.5", 40001, "10.61.0.80", 80)
    one.client("h" * 200)
    for after in (1, 1.3, 1.9):
        cap.at(after)
        one.from_client("PA", payload="x" * 1000)
    one.client_next += 1000
    cap.wait(1)
    one.from_server("A")
    one.close()

    keep = cap.at(3).tcp_handshake("10.60.0.5", 40002, "10.61.0.80", 80)
    keep.client("h" * 200)
    for i in range(5):
        cap.at(10 + 10 * 2 ** i)
        keep.from_client("A", seq=keep.client_next - 1, payload=b"\0")

    fins = cap.at(5).tcp_handshake("10.60.0.5", 40003, "10.61.0.80", 80)
    fins.client("h" * 200)
    for after in (0, 0.3, 0.9, 2.1, 4.5, 9.3, 18.9):
        cap.at(6 + after)
        fins.from_client("FA")

    full = cap.at(7).tcp_handshake("10.60.0.5", 40004, "10.61.0.80", 80)
    full.client("h" * 1000)
    cap.wait(1)
    full.from_server("A", win=0)
    for after in (0.3, 0.9, 2.1):
        cap.at(8 + after)
        full.from_client("A", payload="x" * 1000)
        cap.wait(1)
        full.from_server("A", win=0)
    cap.at(11)
    full.from_server("A")
    full.client("x" * 1000).close()

    gone = cap.at(9).connection("10.60.0.5", 40005, "10.61.0.81", 80)
    for after in (0, 0.3, 0.9, 2.1, 4.5, 9.3):
        cap.at(9 + after)
        gone.from_client("PA", payload="x" * 1000)
    cap.at(200).ping("10.60.0.1", "10.60.0.2")
