"""One full-size segment and its five copies are lost, the smaller one after it is not; over IPv6. Then one that ends well."""
from wire import *


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

with Capture() as cap:
    stall(cap, "fd00:60::5", 40001, "fd00:61::80", 80, 1, (2.7, 5.1, 10.4, 20.9, 41.7))
    late = stall(cap, "10.60.0.7", 40002, "10.61.0.80", 80, 2, (0.4, 0.8, 1.6, 3.2), end=None)
    cap.wait(30)
    late.client_next += 1460 + 586
    late.from_server("A")
    late.close()
