"""Two clients behind a tunnel: their full-size segments are lost, the rest comes through; no ICMP message is seen."""
from troubles import *
from wire import *

with Capture() as cap:
    stall(cap, "10.60.0.5", 40001, "10.71.0.80", 80, 1, (0.3, 0.6, 1.2, 2.4, 4.8))
    stall(cap, "10.60.0.6", 40002, "10.71.0.80", 80, 4, (0.3, 0.6, 1.2, 2.4, 4.8))
