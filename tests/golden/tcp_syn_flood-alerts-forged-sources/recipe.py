"""1,500 SYNs from forged addresses in three seconds; the server answers the first 128, then its backlog is full."""
from wire import *

with Capture() as cap:
    cap.tcp_session("10.20.0.7", 40000, "10.20.0.80", 80, request="GET / HTTP/1.0\r\n\r\n", response="x" * 500)
    for i in range(1500):
        source = f"198.51.{i // 250 + 100}.{i % 250 + 1}"
        cap.at(1 + i * 0.002)
        cap.tcp(source, 1024 + i * 7 % 60000, "10.20.0.80", 80, "S", seq=cap.random.getrandbits(32), win=512,
                src_mac="02:00:00:00:00:fe")
        if i < 128:
            cap.wait(0.1).tcp("10.20.0.80", 80, source, 1024 + i * 7 % 60000, "SA", seq=7, ack=1, mss=1460,
                              dst_mac="02:00:00:00:00:fe")
