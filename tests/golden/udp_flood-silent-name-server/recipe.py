"""A name server at 2,500 queries a second, each answered."""
from wire import *

with Capture(snaplen=60) as cap:
    for i in range(1300):
        client, port = f"10.0.{i % 5}.{i % 200 + 1}", 20000 + i
        cap.udp(client, port, "10.0.9.53", 53, b"x" * 40)
        cap.wait(0.2)
        cap.udp("10.0.9.53", 53, client, port, b"x" * 120)
        cap.wait(0.2)
