"""The near point mirrors both directions of a port, and so shows every packet twice; the clocks are 1000 s apart."""
from path import *


def doubled(capture):
    for when, *rest in list(capture.packets):
        capture.packets.append((when + 20_000, *rest))
    capture.packets.sort(key=lambda packet: packet[0])


with Path(delay_ms=8, far_clock_s=1000) as path:
    client, server = "10.0.0.5", "10.9.0.1"
    path.tcp(client, 50000, server, 443, "S", seq=100, mss=1460, wscale=2, sack_ok=True).wait(8)
    path.tcp(server, 443, client, 50000, "SA", seq=9000, ack=101, mss=1380, changed={"payload": b"\0\0"}).wait(8)
    path.tcp(client, 50000, server, 443, "A", seq=101, ack=9003)
    for _ in range(3):
        path.tcp(client, 50000, server, 443, "PA", seq=101, ack=9003, payload=b"h" * 127).wait(300)
    doubled(path.near)
