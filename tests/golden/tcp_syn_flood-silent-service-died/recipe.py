"""A busy service stops answering: its clients are no more than before, and ask again after 1 and 2 s."""
from wire import *

with Capture() as cap:
    for i in range(400):
        cap.at(i * 0.04)
        cap.tcp_handshake(f"10.23.{i % 50}.9", 30000 + i, "10.23.200.1", 443, rtt_ms=5)
    for i in range(250):
        cap.at(16 + i * 0.04)
        cap.syn_ladder(f"10.23.{i % 50}.9", 40000 + i, "10.23.200.1", 443, gaps=(1, 2))
