"""A scan of filtered ports at the very end of a capture: nothing answers, and most verdicts are not seen to their end."""
from wire import *

with Capture() as cap:
    for port in range(100):
        cap.tcp("10.0.0.66", 55555, "10.0.0.20", 1 + port * 7, "S", seq=7, win=1024, mss=1460)
        cap.wait(10)
