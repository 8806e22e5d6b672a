"""A worm looks for port 445 on 90 addresses: most are silent, some refuse, two accept."""
from wire import *

with Capture() as cap:
    for i in range(90):
        host = f"10.0.1.{i + 1}"
        if i % 40 == 10:
            cap.tcp_session("10.0.0.66", 40000 + i, host, 445, request="x")
        elif i % 5 == 0:
            cap.tcp_refused("10.0.0.66", 40000 + i, host, 445)
        else:
            cap.syn_ladder("10.0.0.66", 40000 + i, host, 445, gaps=(1, 2))
        cap.wait(100)
