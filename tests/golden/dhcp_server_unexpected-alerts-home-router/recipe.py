"""A home router answers on an office network after the office's server has served for a while."""
from windows import *
from wire import *

with Capture() as cap:
    for i in range(5):
        dhcp_lease(cap.at(i * 10), f"02:aa:00:00:00:{i:02x}", f"10.0.0.{100 + i}", "10.0.0.1", "10.0.0.254", ["10.0.0.53"])
    for i in range(3):
        dhcp_lease(cap.at(100 + i * 10), f"02:aa:00:00:01:{i:02x}", f"192.168.0.{100 + i}", "192.168.0.1", "192.168.0.1",
              ["192.168.0.1"])
