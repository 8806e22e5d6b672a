"""Two clients behind a tunnel: their full-size segments are lost, the rest comes through; no ICMP message is seen."""
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
    stall(cap, "10.60.0.5", 40001, "10.71.0.80", 80, 1, (0.3, 0.6, 1.2, 2.4, 4.8))
    stall(cap, "10.60.0.6", 40002, "10.71.0.80", 80, 4, (0.3, 0.6, 1.2, 2.4, 4.8))
