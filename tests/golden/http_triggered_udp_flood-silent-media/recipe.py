"""A page names where media shall be sent: the receiver reports back. And a request that names an address nobody floods."""
from application import *
from wire import *

with Capture(snaplen=300) as cap:
    cap.tcp_session("10.1.2.3", 41000, "10.1.1.1", 80, request=request("GET", "/play?to=10.1.2.9&port=5004", "tv.example.com"), response=answer(200, "OK", b"ok"))
    cap.tcp_session("10.1.2.3", 41001, "10.1.1.1", 80, request=request("GET", "/lookup?ip=192.0.2.77", "geo.example.com"), response=answer(200, "OK", b"ok"))
    cap.at(1)
    for i in range(3000):
        cap.udp("10.1.1.1", 5004, "10.1.2.9", 5004, b"x" * 1200)
        cap.wait(0.25)
        if i % 50 == 0:
            cap.udp("10.1.2.9", 5004, "10.1.1.1", 5004, b"r" * 60)
