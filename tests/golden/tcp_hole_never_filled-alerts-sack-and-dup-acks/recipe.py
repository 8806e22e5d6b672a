"""At the receiver: a full-size segment never arrives. Once SACK says so, once duplicate ACKs; one ends by RST, one by FIN."""
from wire import *

with Capture() as cap:
    one = cap.tcp_handshake("10.60.0.5", 40001, "10.61.0.80", 80, rtt_ms=30)
    one.client("h" * 281)
    edge = one.client_next + 1460
    one.from_client("PA", seq=edge, payload="y" * 586)
    one.from_server("A", sack=[(edge, edge + 586)])
    cap.at(130)
    one.close("server_rst")

    two = cap.at(2).tcp_handshake("fd00:60::5", 40002, "fd00:61::80", 80, rtt_ms=30)
    two.client("h" * 281)
    for i in range(5):
        two.from_client("A", seq=two.client_next + 1460 * (i + 1), payload="y" * 1460)
        cap.wait(0.1)
        two.from_server("A")
    cap.at(40)
    two.from_server("FA")
