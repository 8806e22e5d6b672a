"""Syslog, statsd, traceroute, TFTP, multicast and blocked QUIC: nobody answers, or not from that port, and all is well."""
from wire import *

HOST = "10.52.0.5"

with Capture() as cap:
    for i in range(20):
        cap.at(i).udp(HOST, 50514, "10.52.9.14", 514, f"<30>line {i}")
        cap.wait(3).udp(HOST, 50125, "10.52.9.15", 8125, b"hits:1|c")
        cap.wait(3).udp(HOST, 53000, "198.51.100.9", 33434 + i, b"x" * 32, ttl=i + 1)
        cap.wait(3).udp(HOST, 55355, "224.0.0.252", 5355, b"\0\1" + b"\0" * 20)
        cap.wait(3).udp(HOST, 51000 + i, "203.0.113.80", 443, b"\xc0" + b"x" * 1199)
        cap.wait(3).udp(HOST, 52000 + i, "10.52.9.69", 69, b"\0\1file\0octet\0")
        cap.wait(3).udp("10.52.9.69", 33000 + i, HOST, 52000 + i, b"\0\3\0\1" + b"d" * 100)
        cap.wait(1).udp(HOST, 52000 + i, "10.52.9.69", 33000 + i, b"\0\4\0\1")
        cap.wait(3).udp_exchange(HOST, 60000 + i, "10.52.9.53", 53, b"q" * 30, b"a" * 60)
