"""At the server: its SYN-ACK carries nothing, the client acknowledges two bytes; over IPv6 in a VLAN."""
from wire import *

CLIENT, SERVER = "fd00:60::5", "fd00:61::80"
with Capture() as cap:
    def tcp(src, sport, dst, dport, *more, **fields):
        cap.tcp(src, sport, dst, dport, *more, vlan=40, **fields)
    tcp(CLIENT, 40001, SERVER, 443, "S", seq=1000, mss=1460)
    cap.wait(0.5)
    tcp(SERVER, 443, CLIENT, 40001, "SA", seq=7_000_000, ack=1001, mss=1380)
    cap.wait(16)
    tcp(CLIENT, 40001, SERVER, 443, "A", seq=1001, ack=7_000_003)
    cap.wait(2)
    tcp(CLIENT, 40001, SERVER, 443, "PA", seq=1001, ack=7_000_003, payload="h" * 127)
    cap.at(3.2)
    tcp(SERVER, 443, CLIENT, 40001, "SA", seq=7_000_000, ack=1001, mss=1380)
    cap.at(6)
    tcp(SERVER, 443, CLIENT, 40001, "RA", seq=7_000_001, ack=1001)
