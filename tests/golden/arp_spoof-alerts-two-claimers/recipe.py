"""An address that two stations claim in turn, unasked, for half a minute."""
from wire import *

with Capture() as cap:
    for second in range(0, 30, 5):
        cap.at(second)
        cap.arp_gratuitous("10.0.0.9")
        cap.wait(2000).arp_gratuitous("10.0.0.9", mac="02:77:77:77:77:77")
