"""Inside, loopback, link-local, multicast; replies to the Internet of a server that is asked; hosts that may go out."""
from wire import *

with Capture() as cap:
    cap.at(0).tcp_session("10.75.0.11", 50100, "192.168.7.7", 80, request="a", response="b")
    cap.at(1).tcp_session("fd00:75::11", 50100, "fd00:75::80", 80, request="a", response="b")
    cap.at(2).udp("10.75.0.11", 5353, "224.0.0.251", 5353, b"x" * 30)
    cap.at(3).tcp_session("203.0.113.9", 40000, "10.75.0.11", 443, request="a", response="b")
    cap.at(4).tcp_refused("203.0.113.9", 40001, "10.75.0.11", 8443)
    cap.at(5).tcp_session("10.75.0.11", 50101, "169.254.169.254", 80, request="a", response="b")
    cap.at(6).tcp_session("10.75.1.5", 50102, "203.0.113.80", 443, request="a", response="b")
    cap.at(7).udp_exchange("203.0.113.9", 40002, "10.75.0.11", 53, b"q" * 30, b"a" * 60)
