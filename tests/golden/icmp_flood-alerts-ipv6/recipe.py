"""A host pings a neighbour 700 times in a tenth of a second, with a forged source."""
from wire import *

with Capture() as cap:
    for i in range(700):
        cap.ping("2001:db8::66", "2001:db8::1", seq=i, id_=i, payload=b"")
        cap.wait(0.14)
