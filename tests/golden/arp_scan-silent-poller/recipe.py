"""A monitoring host with an empty cache asks for 100 neighbours, of which 90 answer."""
from wire import *

with Capture() as cap:
    for i in range(100):
        cap.arp_request("10.0.0.5", f"10.0.0.{100 + i}")
        if i % 10:
            cap.wait(0.3).arp_reply(f"10.0.0.{100 + i}", "10.0.0.5")
        cap.wait(25)
