"""A half-open scan of 120 ports: three accept and are reset at once, the others refuse."""
from wire import *

with Capture() as cap:
    for port in range(20, 140):
        if port in (22, 80, 111):
            cap.connection("10.0.0.66", 55555, "10.0.0.20", port).syn()
            cap.wait(0.5)
            cap.tcp("10.0.0.20", port, "10.0.0.66", 55555, "SA", seq=1, ack=0, mss=1460)
            cap.wait(0.1).tcp("10.0.0.66", 55555, "10.0.0.20", port, "R", seq=1, win=0)
        else:
            cap.tcp_refused("10.0.0.66", 55555, "10.0.0.20", port)
        cap.wait(5)
