"""Sixty calls towards a media gateway that answers on other ports: 50 datagrams a second each, for a second."""
from wire import *

with Capture(snaplen=60) as cap:
    cap.tcp_session("10.0.0.9", 40000, "10.0.0.30", 5060)
    for packet in range(40):
        for call in range(60):
            cap.udp(f"10.0.2.{call % 6 + 1}", 16384 + 2 * call, "10.0.0.30", 30000 + 2 * call, b"x" * 172)
            cap.wait(0.3)
