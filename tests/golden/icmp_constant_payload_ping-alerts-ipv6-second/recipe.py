"""Two bytes once a second over IPv6 with one identifier: a flow that lasts."""
from wire import *

with Capture() as cap:
    for i in range(60):
        cap.at(i).ping("fd00:65::1", "fd00:65::9", seq=i, id_=7, payload=b"ok")
        cap.wait(0.4).pong("fd00:65::9", "fd00:65::1", seq=i, id_=7, payload=b"ok")
