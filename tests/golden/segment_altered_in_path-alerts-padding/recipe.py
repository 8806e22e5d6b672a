"""Padding of the Ethernet frame becomes payload of a SYN-ACK (2 bytes) and of a RST (6 bytes) on the way to the client;
another service's payload is rewritten."""
from path import *

with Path(delay_ms=8, far_clock_s=1000) as path:
    client, server = "10.0.0.5", "10.9.0.1"
    path.tcp(client, 50000, server, 443, "S", seq=100, mss=1460, wscale=2, sack_ok=True).wait(8)
    path.tcp(server, 443, client, 50000, "SA", seq=9000, ack=101, mss=1380, changed={"payload": b"\0\0"}).wait(8)
    path.tcp(client, 50000, server, 443, "A", seq=101, ack=9003)
    for _ in range(3):
        path.tcp(client, 50000, server, 443, "PA", seq=101, ack=9003, payload=b"h" * 127).wait(300)
    path.tcp(server, 443, client, 50000, "RA", seq=9001, ack=101, changed={"payload": b"\0" * 6})
    path.at(3)
    other = path.connection(client, 50001, server, 8080, client_isn=700).handshake()
    other.data(True, b"GET /a HTTP/1.0\r\n\r\n").travel()
    other.data(False, b"HTTP/1.0 200 OK\r\n\r\nplain", changed={"payload": b"HTTP/1.0 200 OK\r\n\r\nbrain"}).travel()
    other.close()
