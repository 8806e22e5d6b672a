"""At nine in the morning three hundred phones with randomised addresses come: they all take a lease and announce it."""
from windows import *
from wire import *

with Capture() as cap:
    for i in range(300):
        mac, ip = f"02:cc:00:{i >> 8:02x}:{i & 255:02x}:07", f"10.0.{i >> 8}.{i & 255}"
        dhcp_lease(cap.at(i * 0.1), mac, ip, "10.9.0.1", "10.9.0.254", ["10.9.0.53"])
        cap.wait(5).arp_gratuitous(ip, mac=mac, src_mac=mac)
