"""A standby takes over 14 addresses and announces them; hosts that come up probe for theirs."""
from wire import *

with Capture() as cap:
    for i in range(14):
        cap.arp_gratuitous(f"10.0.0.{200 + i}", mac="02:00:00:00:00:07")
        cap.wait(0.1)
    cap.wait(500)
    for i in range(12):
        cap.arp_probe("02:00:00:00:01:09", f"10.0.0.{100 + i}")
        cap.wait(0.1)
