"""Nine addresses in 9 ms, again and again; and one address asked for twenty times."""
from wire import *

with Capture() as cap:
    for _ in range(5):
        for i in range(9):
            cap.arp_request("10.0.0.5", f"10.0.0.{100 + i}")
            cap.wait(1)
        cap.wait(200)
    for _ in range(20):
        cap.arp_request("10.0.0.5", "10.0.0.77")
        cap.wait(0.1)
