"""A request that names an address comes by one VLAN, and the flood leaves by another."""
from application import *
from wire import *

server, target = "10.0.0.20", "198.51.100.105"
with Capture(snaplen=400) as cap:
    cap.tcp_session("203.0.113.5", 41000, server, 80, request=request("GET", f"/shell.php?host={target}&time=60", "www.example.org"),
                    response=answer(200, "OK", b"ok"), vlan=[40])
    cap.at(1)
    for i in range(3000):
        cap.udp(server, 2976, target, 10647, b"x" * 1200, vlan=[41])
        cap.wait(0.25)
