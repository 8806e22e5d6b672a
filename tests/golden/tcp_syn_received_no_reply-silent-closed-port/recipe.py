"""The same with a closed port, which answers with RST."""
from wire import *

with Capture() as cap:
    for i in range(4):
        cap.at(10 + i * 15).tcp_refused("10.30.0.9", 42000 + i, "10.30.0.80", 8530)
