"""An NTP client that keeps one socket: answered for five minutes, then never again. IPv6 in a VLAN."""
from wire import *

with Capture() as cap:
    for i in range(16):
        cap.at(i * 16)
        if i < 6:
            cap.udp_exchange("fd00:50::7", 123, "fd00:51::123", 123, b"\x23" + b"\0" * 47, b"\x24" + b"\0" * 47, vlan=60)
        else:
            cap.udp("fd00:50::7", 123, "fd00:51::123", 123, b"\x23" + b"\0" * 47, vlan=60)
        cap.udp_exchange("fd00:50::7", 50000 + i, "fd00:51::53", 53, b"q" * 30, b"a" * 60, vlan=60)
