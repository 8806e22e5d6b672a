"""One byte 3F to three controllers in turn, every 5 s; the third does not answer."""
from wire import *

with Capture() as cap:
    for i in range(45):
        cap.at(i * 5)
        controller = f"10.65.0.{20 + i % 3}"
        cap.ping("10.65.0.1", controller, seq=i, id_=0x200, payload=b"\x3f")
        if i % 3 != 2:
            cap.wait(0.3).pong(controller, "10.65.0.1", seq=i, id_=0x200, payload=b"\x3f")
