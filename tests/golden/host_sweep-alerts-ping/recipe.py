"""A ping sweep of a network: ten of 120 addresses answer."""
from wire import *

with Capture() as cap:
    for i in range(120):
        cap.ping("10.0.0.66", f"10.0.1.{i + 1}", id_=1000 + i)
        if i % 12 == 0:
            cap.wait(1).pong(f"10.0.1.{i + 1}", "10.0.0.66", id_=1000 + i)
        cap.wait(10)
