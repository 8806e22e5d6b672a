"""A router with proxy ARP answers, when asked, for hosts behind it; each address keeps one MAC."""
from wire import *

with Capture() as cap:
    for i in range(30):
        cap.arp_request("10.0.0.5", f"10.0.1.{i + 1}")
        cap.wait(1).arp_reply(f"10.0.1.{i + 1}", "10.0.0.5", mac="02:00:00:00:00:0a")
        cap.wait(300)
