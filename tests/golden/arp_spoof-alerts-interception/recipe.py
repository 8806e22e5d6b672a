"""One station tells a host that it is the gateway, and the gateway that it is the host, every two seconds."""
from wire import *

ATTACKER = "02:66:66:66:66:66"
with Capture() as cap:
    cap.arp_request("10.0.0.5", "10.0.0.1")
    cap.wait(0.3).arp_reply("10.0.0.1", "10.0.0.5")
    for second in range(10, 30, 2):
        cap.at(second)
        cap.arp_reply("10.0.0.1", "10.0.0.5", mac=ATTACKER)
        cap.wait(1).arp_reply("10.0.0.5", "10.0.0.1", mac=ATTACKER)
