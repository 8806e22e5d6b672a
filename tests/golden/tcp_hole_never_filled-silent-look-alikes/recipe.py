"""Filled by a copy after four seconds; a closed tab; bytes that only the capture lacks; one direction only; the capture's end."""
from wire import *

with Capture() as cap:
    def hole(cport, at, acks=True):
        one = cap.at(at).tcp_handshake("10.60.0.5", cport, "10.61.0.80", 80, rtt_ms=3)
        one.client("h" * 281)
        for i in range(5):
            one.from_client("A", seq=one.client_next + 1460 * (i + 1), payload="y" * 1460)
            cap.wait(0.1)
            if acks:
                one.from_server("A")
        return one

    filled = hole(40001, 1)
    cap.at(5.5)
    filled.from_client("A", payload="y" * 1460)
    filled.client_next += 6 * 1460
    cap.wait(1)
    filled.from_server("A")
    filled.close()

    tab = hole(40002, 2)
    cap.at(2.5)
    tab.close("rst")

    lacks = hole(40003, 3)
    cap.at(9)
    lacks.client_next += 6 * 1460
    lacks.from_server("A")
    lacks.close()

    quiet = hole(40004, 4, acks=False)
    cap.at(30)
    quiet.from_client("RA")
    hole(40005, 50)
    cap.at(58).ping("10.60.0.1", "10.60.0.2")
