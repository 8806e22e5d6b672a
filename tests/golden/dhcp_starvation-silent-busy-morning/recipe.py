"""At nine in the morning three hundred phones with randomised addresses come: they all take a lease and announce it."""
from windows import *
from wire import *

BROADCAST_IP = "255.255.255.255"


def lease(cap, mac, ip, server, router, dns):
    """Discover, offer, request, acknowledgment."""
    cap.udp("0.0.0.0", 68, BROADCAST_IP, 67, dhcp(1, mac), src_mac=mac)
    for kind, request in ((2, 3), (5, None)):
        cap.wait(2).udp(server, 67, BROADCAST_IP, 68, dhcp(kind, mac, given=ip, server=server, router=router, dns=dns))
        if request:
            cap.wait(2).udp("0.0.0.0", 68, BROADCAST_IP, 67, dhcp(request, mac, server=server), src_mac=mac)


with Capture() as cap:
    for i in range(300):
        mac, ip = f"02:cc:00:{i >> 8:02x}:{i & 255:02x}:07", f"10.0.{i >> 8}.{i & 255}"
        lease(cap.at(i * 0.1), mac, ip, "10.9.0.1", "10.9.0.254", ["10.9.0.53"])
        cap.wait(5).arp_gratuitous(ip, mac=mac, src_mac=mac)
