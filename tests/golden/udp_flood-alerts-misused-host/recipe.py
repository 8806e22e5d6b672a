"""A web server that somebody uses as a source: a request reaches it, then it sends one-way datagrams at 30 Mbit/s."""
from wire import *

with Capture(snaplen=96) as cap:
    cap.tcp_session("198.51.100.7", 40000, "10.0.0.7", 80, request="GET / HTTP/1.0\r\n\r\n", response="x" * 200)
    cap.wait(500)
    for i in range(1400):
        cap.udp("10.0.0.7", 3000, "192.0.2.50", 7777, b"x" * 1400)
        cap.wait(0.4)
