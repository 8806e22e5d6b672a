"""Four nets download; the way to one of them loses every twentieth segment beyond this point."""
from troubles import *
from wire import *

with Capture() as cap:
    for i in range(9):
        download(cap, f"203.0.{113 + i % 3}.{7 + i}", 41000 + i, "10.61.0.80", 1 + i, 120)
    for i in range(4):
        download(cap, f"198.51.100.{7 + i}", 40000 + i, "10.61.0.80", 2 + i * 3, 150, lost=range(10, 140, 20))
