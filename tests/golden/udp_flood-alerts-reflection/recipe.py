"""Answers of 700 time servers that nobody asked, seen at a place that shows this direction only."""
from wire import *

with Capture(snaplen=60) as cap:
    for i in range(2400):
        source = f"203.0.{i % 700 // 250}.{i % 250 + 1}"
        cap.udp(source, 123, "192.0.2.10", cap.random.randrange(1024, 65536), b"x" * 440)
        cap.wait(0.2)
