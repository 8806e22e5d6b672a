"""A home router answers on an office network after the office's server has served for a while."""
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
    for i in range(5):
        lease(cap.at(i * 10), f"02:aa:00:00:00:{i:02x}", f"10.0.0.{100 + i}", "10.0.0.1", "10.0.0.254", ["10.0.0.53"])
    for i in range(3):
        lease(cap.at(100 + i * 10), f"02:aa:00:00:01:{i:02x}", f"192.168.0.{100 + i}", "192.168.0.1", "192.168.0.1",
              ["192.168.0.1"])
