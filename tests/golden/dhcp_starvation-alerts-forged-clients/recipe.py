"""Four hundred forged hardware addresses ask within eight seconds; none takes what it is offered."""
from windows import *
from wire import *

with Capture() as cap:
    for i in range(400):
        mac = f"02:bb:00:{i >> 8:02x}:{i & 255:02x}:07"
        cap.at(i * 0.02).udp("0.0.0.0", 68, "255.255.255.255", 67, dhcp(1, mac, xid=i), src_mac="02:66:66:66:66:66")
        if i < 100:
            cap.wait(3).udp("10.0.0.1", 67, "255.255.255.255", 68,
                            dhcp(2, mac, xid=i, given=f"10.0.0.{100 + i}", server="10.0.0.1", router="10.0.0.254"))
