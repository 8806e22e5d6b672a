"""A host asks for the same 19 dead neighbours every second, and verifies the 30 that it knows one by one."""
from wire import *

with Capture() as cap:
    for second in range(20):
        cap.at(second)
        for i in range(19):
            cap.arp_request("10.0.0.5", f"10.0.0.{100 + 7 * i}")
            cap.wait(15)
        for i in range(30):
            cap.arp_request("10.0.0.5", f"10.0.3.{i + 1}", dst_mac=f"02:00:0a:00:03:{i + 1:02x}")
            cap.wait(15)
