"""A server's segments are up to ten times the MSS when captured. IPv6 as well, in a VLAN."""
from wire import *

with Capture() as cap:
    for client, server, vlan in (("10.60.0.5", "10.61.0.80", []), ("2001:db8:1::5", "2001:db8:2::80", [9])):
        web = cap.tcp_handshake(client, 40000, server, 80, rtt_ms=0.4, vlan=vlan)
        web.client("GET / HTTP/1.1\r\n\r\n")
        for i in range(8):
            web.from_server("PA", payload=b"d" * (1440 * (i + 3)))
            web.server_next += 1440 * (i + 3)
            cap.wait(1)
            web.from_client("A")
        web.close()
