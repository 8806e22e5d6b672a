"""A server that must not go out tries two addresses at port 443; after two minutes of watching it asks a clock outside."""
from wire import *

with Capture() as cap:
    cap.at(0).syn_ladder("10.74.0.11", 50100, "203.0.113.50", 443)
    cap.at(20).syn_ladder("10.74.0.11", 50101, "203.0.113.18", 443)
    for i in range(60):
        cap.at(30 + i * 2).udp_exchange("10.74.0.11", 40000 + i, "10.74.0.53", 53, b"q" * 30, b"a" * 60)
    for i in range(5):
        cap.at(155 + i).udp_exchange("10.74.0.11", 41000 + i, "192.0.2.123", 123, b"\x23" * 48, b"\x24" * 48)
