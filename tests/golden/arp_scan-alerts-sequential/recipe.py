"""A host asks for 100 addresses one after the other; eight exist."""
from wire import *

with Capture() as cap:
    for i in range(100):
        cap.arp_request("10.0.0.66", f"10.0.0.{100 + i}")
        if i % 13 == 0:
            cap.wait(0.3).arp_reply(f"10.0.0.{100 + i}", "10.0.0.66")
        cap.wait(25)
