"""A firewall rejects with ICMP "administratively prohibited" instead of letting the server answer."""
from wire import *

with Capture() as cap:
    for i in range(6):
        cap.at(1 + i)
        quoted = cap.tcp("10.50.0.1", 42000 + i, "10.51.0.80", 5432, "S", seq=100 + i, mss=1460)
        cap.wait(0.4).icmp_unreachable("10.50.0.254", "10.50.0.1", quoted, code="admin")
