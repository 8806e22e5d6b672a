"""A near server that is slow, a client that thinks, a short path, and a single exchange over a long one."""
from path import *

with Path(delay_ms=45, far_clock_s=-60) as path:
    for port, server_ms, client_ms, times in ((40001, 400, 1, 8), (40002, 0.3, 900, 8), (40003, 0.3, 1, 3)):
        session = path.connection("10.0.0.5", port, "10.9.0.1", 80, client_isn=port).handshake()
        for _ in range(times):
            session.exchange(b"q" * 60, b"r" * 500, server_ms=server_ms, client_ms=client_ms)
        session.close()
        path.wait(1000)
    path.delay_ms = 2
    session = path.connection("10.0.0.5", 40004, "10.9.0.2", 80, client_isn=40004).handshake()
    for _ in range(20):
        session.exchange(b"q" * 60, b"r" * 500)
    session.close()
