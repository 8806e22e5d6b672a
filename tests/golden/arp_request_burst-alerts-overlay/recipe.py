"""A host in an overlay closes idle sessions to 15 neighbours at once: the outer frames are those of the overlay's ends."""
import struct

from wire import *


class Overlay(Capture):
    """Every frame within VXLAN (RFC 7348, 5)."""

    outer = False

    def add(self, frame, wire_bytes=None):
        if self.outer:
            return super().add(frame, wire_bytes)
        self.outer = True
        self.udp("172.31.0.1", 40000, "172.31.0.2", 4789, struct.pack("!II", 0x08000000, 42 << 8) + frame)
        self.outer = False
        return self


with Overlay() as cap:
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
