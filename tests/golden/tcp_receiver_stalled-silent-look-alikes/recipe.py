"""Closed for a moment; closed while the sender has nothing; closed after its own FIN; resets with a window of zero."""
from wire import *

with Capture() as cap:
    short = cap.tcp_handshake("10.60.0.5", 40001, "10.61.0.80", 9100)
    for i in range(10):
        cap.at(1 + i)
        short.client("x" * 1460)
        short.from_server("A", win=0)
        cap.wait(80)
        short.from_client("A", seq=short.client_next - 1)
        cap.wait(20)
        short.from_server("A")
    short.close()
    idle = cap.at(2).tcp_handshake("10.60.0.5", 40002, "10.61.0.80", 9100)
    idle.client("x" * 1460)
    idle.from_server("A", win=0)
    cap.at(60)
    idle.from_server("A")
    idle.close()
    after = cap.at(3).tcp_handshake("10.60.0.5", 40003, "10.61.0.80", 9100)
    after.client("x" * 100)
    after.from_server("FA", win=0)
    after.server_next += 1
    cap.at(30)
    after.from_client("A", seq=after.client_next - 1)
    cap.at(31)
    after.close("rst")
