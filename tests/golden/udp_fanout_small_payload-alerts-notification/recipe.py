"""New-mail notifications: 8 bytes to each of 24 clients at ports of their choice, three rounds. IPv4, VLAN 12."""
from wire import *

with Capture() as cap:
    for turn in range(3):
        cap.at(turn * 7)
        for i in range(24):
            cap.wait(0.01).udp("10.63.0.25", 36000 + turn * 100 + 2 * i, f"10.63.{i}.40", 1100 + 37 * i, b"\0" * 8, vlan=12)
    cap.at(30).udp_exchange("10.63.0.25", 50000, "10.63.0.53", 53, b"q" * 30, b"a" * 60, vlan=12)
