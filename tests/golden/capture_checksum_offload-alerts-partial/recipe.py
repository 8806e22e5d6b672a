"""What this host sends holds the sum of the pseudo-header only: the network card computes the rest."""
from wire import *
import packets

with Capture(snaplen=400) as cap:
    web = cap.tcp_handshake("10.61.0.9", 40000, "10.61.0.80", 80, rtt_ms=0.1)
    for i in range(10):
        size = 20 + 200
        pseudo = packed("10.61.0.9") + packed("10.61.0.80") + struct.pack("!II", size, 6)
        web.from_client("PA", payload=b"q" * 200, checksum=~packets.checksum(pseudo) & 0xffff)
        web.client_next += 200
        cap.wait(0.2)
        web.server("d" * 1400)
