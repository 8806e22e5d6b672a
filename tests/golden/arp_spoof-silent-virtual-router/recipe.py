"""A VRRP pair: the virtual MAC answers for the gateway's address, the masters announce it in turn."""
from wire import *

with Capture() as cap:
    for second in range(0, 40, 4):
        cap.at(second)
        cap.arp_request("10.0.0.5", "10.0.0.1")
        cap.wait(1).arp_reply("10.0.0.1", "10.0.0.5", mac="00:00:5e:00:01:07", src_mac="02:00:00:00:00:0a")
        cap.wait(500).arp_gratuitous("10.0.0.1", mac="00:00:5e:00:01:07")
