"""One host sends 60 SYNs a second to each of eight web servers; no single one of them is flooded."""
from wire import *

with Capture() as cap:
    for i in range(1600):
        cap.at(i / 480)
        cap.tcp("10.22.0.66", 1024 + i, f"192.0.2.{i % 8 + 1}", 80, "S", seq=cap.random.getrandbits(32), win=8192,
                src_mac="02:00:00:00:00:66", dst_mac="02:00:00:00:00:01")
