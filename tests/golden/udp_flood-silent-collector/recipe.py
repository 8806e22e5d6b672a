"""A collector of logs and flow records: 2,600 datagrams a second that nobody answers, to ports of one-way protocols."""
from wire import *

with Capture(snaplen=60) as cap:
    cap.tcp_session("10.0.0.9", 40000, "10.0.0.20", 22)
    for i in range(2600):
        sender = f"10.0.1.{i % 40 + 1}"
        cap.udp(sender, 50000, "10.0.0.20", 514 if i % 4 else 2055, b"x" * 120)
        cap.wait(0.35)
