"""An upload-side point: what the server of another net sends comes here only as a copy, again and again; IPv6."""
from wire import *


def download(cap, client, cport, server, first, count, lost=(), late=(), size=1000, dsack=False, rtt=20):
    """`count` segments of the server; those in `lost` are seen and sent again, those in `late` come as copies only."""
    cap.at(first)
    connection = cap.tcp_handshake(client, cport, server, 443, rtt_ms=rtt)
    connection.client("GET")
    base, acked = connection.server_next, 0
    for i in range(count):
        cap.wait(2)
        if i in late:
            continue
        connection.from_server("A", seq=base + i * size, payload="x" * size)
        if i not in lost and not any(acked <= j < i for j in (*lost, *late)):
            acked = i + 1
        cap.wait(0.1)
        connection.from_client("A", ack=base + acked * size)
        waiting = [j for j in (*lost, *late) if acked <= j < i - 3]
        if waiting:
            cap.wait(2 * rtt)
            connection.from_server("A", seq=base + waiting[0] * size, payload="x" * size)
            acked = min([j for j in (*lost, *late) if j > waiting[0] and j <= i], default=i + 1)
            cap.wait(rtt)
            again = [(base + waiting[0] * size, base + (waiting[0] + 1) * size)] if dsack else ()
            connection.from_client("A", ack=base + acked * size, sack=again)
    connection.server_next = base + count * size
    cap.wait(rtt)
    connection.from_client("A")
    return connection.close()

with Capture() as cap:
    for i in range(4):
        download(cap, f"fd00:60::{7 + i}", 40000 + i, "2001:db8:5::80", 2 + i * 4, 150, late=range(10, 140, 20))
