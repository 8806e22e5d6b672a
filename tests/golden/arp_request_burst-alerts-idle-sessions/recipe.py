"""A host closes idle sessions to 15 neighbours at once: it must ask for all of them first."""
from wire import *

with Capture() as cap:
    sessions = []
    for i in range(15):
        sessions.append(cap.tcp_handshake("10.0.0.5", 40000 + i, f"10.0.0.{100 + i}", 5357))
        sessions[-1].client("hello")
        cap.wait(20)
    cap.at(120)
    for i in range(15):
        cap.arp_request("10.0.0.5", f"10.0.0.{100 + i}")
        cap.wait(0.05)
    for i in range(15):
        cap.arp_reply(f"10.0.0.{100 + i}", "10.0.0.5")
        cap.wait(0.05)
        sessions[i].close("rst")
        cap.wait(0.05)
