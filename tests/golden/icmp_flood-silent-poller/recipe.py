"""A monitoring host that pings 600 addresses within a second; nearly all answer."""
from wire import *

with Capture(snaplen=60) as cap:
    for i in range(600):
        host = f"10.0.{1 + i // 200}.{i % 200 + 1}"
        cap.ping("10.0.0.5", host, id_=7, seq=i)
        cap.wait(0.4)
        if i % 20:
            cap.pong(host, "10.0.0.5", id_=7, seq=i)
        cap.wait(0.9)
