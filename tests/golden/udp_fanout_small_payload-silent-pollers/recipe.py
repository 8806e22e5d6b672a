"""A poller of 40 clocks (answered), a scan of one port, a DNS server's answers, a game server's updates."""
from wire import *

with Capture() as cap:
    for i in range(40):
        cap.at(0.02 * i).udp_exchange("10.64.0.9", 40000 + i, f"10.64.1.{i}", 123, b"\x23" * 8, b"\x24" * 8)
        cap.at(10 + 0.02 * i).udp("10.64.0.8", 41000 + i, f"10.64.2.{i}", 161, b"x" * 20)
        cap.at(20 + 0.02 * i).udp_exchange(f"10.64.3.{i}", 42000 + 7 * i, "10.64.0.53", 53, b"q" * 12, b"a" * 12)
        cap.at(30 + 0.02 * i).udp("10.64.0.27", 27015, f"10.64.4.{i}", 43000 + 11 * i, b"u" * 16)
