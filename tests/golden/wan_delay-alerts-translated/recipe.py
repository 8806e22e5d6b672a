"""Forty quick exchanges over a path of 90 ms, behind translation, clocks 7 hours apart."""
from path import *

with Path(delay_ms=45, far_clock_s=25200.5, nat={"10.0.0.5": "172.16.5.14", "10.1.1.7": "192.168.200.148"},
          ports={46739: 63584}) as path:
    session = path.connection("10.0.0.5", 46739, "10.1.1.7", 1433, timestamps=True).handshake(synack={"changed": {"mss": 1380}})
    for i in range(40):
        session.exchange(b"q" * (50 + i), b"r" * (100 + 7 * i), server_ms=0.4 + i % 5, client_ms=1 + i % 3)
    session.close()
