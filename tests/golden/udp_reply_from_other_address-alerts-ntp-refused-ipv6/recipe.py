"""NTP over IPv6 from and to port 123: answers come from the host's other address, and the asker's host refuses them."""
from wire import *

ASKER, ASKED, OTHER = "fd00:61::9", "fd00:61::1", "fd00:61::2"

with Capture() as cap:
    for i in range(5):
        stamp = struct.pack("!II", 0xe9000000 + i, 77)
        client = "fd00:61::" + format(0x10 + i, "x")
        cap.at(i * 2).udp(client, 123, ASKED, 123, b"\x23" + b"\0" * 39 + stamp)
        cap.wait(1)
        answer = cap.udp(OTHER, 123, client, 123, b"\x24" + b"\0" * 23 + stamp + b"\1" * 16)
        cap.wait(1).icmp_unreachable(client, OTHER, answer)
    cap.at(20).udp_exchange(ASKER, 40000, "fd00:61::53", 53, b"q" * 30, b"a" * 60)
