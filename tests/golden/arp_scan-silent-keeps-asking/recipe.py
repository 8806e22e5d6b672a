"""A host asks for the same 20 dead neighbours every second, and its cache is verified one to one."""
from wire import *

with Capture() as cap:
    for second in range(30):
        cap.at(second)
        for i in range(20):
            cap.arp_request("10.0.0.5", f"10.0.0.{100 + 7 * i}")
            cap.wait(20)
        for i in range(80):
            cap.arp_request("10.0.0.5", f"10.0.3.{i + 1}", dst_mac="02:00:0a:00:03:01")
            cap.wait(1)
