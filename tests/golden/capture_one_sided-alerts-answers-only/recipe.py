"""The mirror shows what the servers send and nothing of the clients, for most connections. IPv6 among them."""
from wire import *

with Capture() as cap:
    for i in range(16):
        client, server = ("2001:db8:1::5", "2001:db8:2::80") if i % 4 == 0 else ("10.60.0.5", "10.61.0.80")
        before = len(cap.packets)
        web = cap.tcp_handshake(client, 40000 + i, server, 80, rtt_ms=0.4)
        for _ in range(6):
            web.client("GET / HTTP/1.1\r\n\r\n").server("d" * 3000)
        web.close()
        if i % 5 != 3:
            sport = struct.pack("!H", 80)
            cap.packets[before:] = [one for one in cap.packets[before:]
                                    if one[1][(54 if one[1][12] == 0x86 else 34):][:2] == sport]
