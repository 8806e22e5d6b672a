"""What goes wrong within TCP connections: segments lost and sent again, as recipes of several cases write it."""


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


def stall(cap, client, cport, server, sport, first, gaps, size=1460, more=586, end="server_rst", **fields):
    """A small request passes, a segment of `size` is lost with all its copies, what follows it arrives."""
    cap.at(first)
    connection = cap.tcp_handshake(client, cport, server, sport, rtt_ms=30, **fields)
    connection.client("h" * 281)
    begin = connection.client_next
    connection.from_client("A", payload="x" * size)
    connection.client_next += size
    if more:
        connection.from_client("PA", payload="y" * more)
    edge = connection.client_next + more
    connection.client_next = begin
    cap.wait(140)
    connection.from_server("A", sack=[(begin + size, edge)] if more else ())
    at = first
    for gap in gaps:
        at += gap
        cap.at(at)
        connection.from_client("A", payload="x" * size)
    if end:
        cap.at(at + 2 * gaps[-1])
        connection.close(end)
    return connection
