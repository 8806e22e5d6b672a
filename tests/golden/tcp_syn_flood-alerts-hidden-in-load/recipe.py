"""A service that finishes 20 handshakes a second goes on doing so while 100 forged SYNs a second come on top."""
from wire import *

with Capture() as cap:
    for i in range(440):
        cap.at(i * 0.05)
        cap.tcp_handshake(f"10.21.{i % 50}.9", 30000 + i, "10.21.200.1", 443, rtt_ms=20)
    for i in range(400):
        source = f"203.0.113.{i % 250 + 1}"
        cap.at(16 + i * 0.01)
        cap.tcp(source, 2000 + i, "10.21.200.1", 443, "S", seq=cap.random.getrandbits(32), win=1024)
        cap.wait(0.2).tcp("10.21.200.1", 443, source, 2000 + i, "SA", seq=9, ack=1, mss=1460)
