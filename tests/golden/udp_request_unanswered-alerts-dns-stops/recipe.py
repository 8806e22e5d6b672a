"""A name server answers until second 30; then the queries of four clients stay without an answer."""
from wire import *


def query(number):
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + b"\3www\7example\3com\0" + b"\0\1\0\1"


with Capture() as cap:
    for i in range(60):
        cap.at(i * 0.5).udp_exchange(f"10.50.0.{i % 4 + 1}", 41000 + i, "10.50.9.53", 53, query(i), query(i) + b"!")
    for i in range(12):
        cap.at(30 + i).udp(f"10.50.0.{i % 4 + 1}", 42000 + i, "10.50.9.53", 53, query(100 + i))
    cap.at(50).udp_exchange("10.50.0.1", 123, "10.50.9.123", 123, b"x" * 48, b"y" * 48)
