"""What the list allows; answers to clients; a connection that was there before the capture; another host."""
from wire import *

with Capture() as cap:
    cap.at(0).tcp_session("10.73.0.15", 50100, "10.73.9.1", 445, request="a", response="b")
    cap.at(1).tcp_session("10.73.0.40", 50101, "10.73.0.15", 7789, request="a", response="b")
    for i in range(4):
        cap.at(2 + i).tcp("10.73.0.15", 50102, "10.73.9.1", 7789, "PA", seq=1000 + i, ack=5, payload=b"x")
        cap.wait(1).tcp("10.73.9.1", 7789, "10.73.0.15", 50102, "A", seq=5, ack=1001 + i)
    cap.at(9).tcp_session("10.73.0.16", 50103, "10.73.9.1", 7789, request="a", response="b")
    cap.at(10).udp_exchange("10.73.0.15", 50104, "10.73.9.1", 9999, b"x", b"y")
