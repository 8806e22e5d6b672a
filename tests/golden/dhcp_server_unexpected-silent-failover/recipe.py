"""Two servers in failover give out the same; a boot server offers no address; a relay's answers come from its own server."""
from windows import *
from wire import *

with Capture() as cap:
    for i in range(8):
        server = "10.0.0.1" if i < 4 or i % 2 else "10.0.0.2"
        dhcp_lease(cap.at(i * 10), f"02:aa:00:00:00:{i:02x}", f"10.0.0.{100 + i}", server, "10.0.0.254", ["10.0.0.53"])
    for i in range(3):
        mac = f"02:aa:00:00:02:{i:02x}"
        cap.at(100 + i).udp("10.0.0.67", 67, BROADCAST_IP, 68, dhcp(2, mac, server="10.0.0.67", klass="PXEClient"))
