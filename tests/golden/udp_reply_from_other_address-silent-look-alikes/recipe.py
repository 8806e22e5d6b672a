"""TFTP (another port), broadcast and multicast discovery, DHCP relayed, musl asking two resolvers from one socket."""
from wire import *

HOST = "10.62.0.5"

with Capture() as cap:
    for i in range(6):
        cap.at(i * 5).udp(HOST, 52000 + i, "10.62.9.69", 69, b"\0\1file\0octet\0")
        cap.wait(3).udp("10.62.9.69", 33000 + i, HOST, 52000 + i, b"\0\3\0\1" + b"d" * 100)
        cap.wait(1).udp(HOST, 52000 + i, "10.62.9.69", 33000 + i, b"\0\4\0\1")
        cap.wait(9).udp(HOST, 4400 + i, "255.255.255.255", 1434, b"\2")
        cap.wait(1).udp(HOST, 4500 + i, "10.62.0.255", 1434, b"\2", dst_mac=BROADCAST)
        for n in (30, 31, 32):
            cap.wait(2).udp(f"10.62.0.{n}", 1434, HOST, 4400 + i, b"\5\1\0x")
            cap.wait(2).udp(f"10.62.0.{n}", 1434, HOST, 4500 + i, b"\5\1\0x")
        cap.wait(9).udp(HOST, 4600 + i, "239.255.255.250", 1900, "M-SEARCH * HTTP/1.1\r\n\r\n")
        cap.wait(9).udp("10.62.0.40", 1900, HOST, 4600 + i, "HTTP/1.1 200 OK\r\n\r\n")
        cap.wait(9).udp(HOST, 68, "10.62.0.1", 67, b"\1" + b"\0" * 300)
        cap.wait(9).udp("10.62.0.2", 67, HOST, 68, b"\2" + b"\0" * 300)
        query = struct.pack("!H", i) + b"q" * 28
        for server in ("10.62.0.53", "10.62.0.54"):
            cap.wait(1).udp(HOST, 47000 + i, server, 53, query)
        for server in ("10.62.0.54", "10.62.0.53"):
            cap.wait(1).udp(server, 53, HOST, 47000 + i, query + b"a" * 30)
