"""Twelve addresses asked for in 2 ms, of which one exists; IPv6 the same a second later."""
from wire import *

with Capture() as cap:
    for i in range(12):
        cap.arp_request("10.0.0.5", f"10.0.0.{100 + 7 * i}")
        cap.wait(0.2)
    cap.arp_reply("10.0.0.100", "10.0.0.5")
    cap.wait(1000)
    for i in range(12):
        cap.neighbor_solicit("fe80::5", f"fe80::{100 + 7 * i}")
        cap.wait(0.2)
