"""Three hosts ping one that does not answer, 900 times in a second."""
from wire import *

with Capture(snaplen=60) as cap:
    for i in range(900):
        cap.ping(f"10.0.0.{i % 3 + 1}", "192.0.2.80", seq=i, id_=100 + i % 3)
        cap.wait(1)
