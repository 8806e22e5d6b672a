"""Sends hand-made frames from the peer: what no tool sends on command."""
import socket
import struct
import sys
from pathlib import Path

from harness import SENSOR_MAC, inside

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "golden"))
import packets  # noqa: E402


class Wire:
    """A packet socket on peer0."""

    def __init__(self, stage):
        with inside(stage.names["peer"]):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self.socket.bind(("peer0", 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        stage.closing.append(self.socket.close)
        self.sent = 0

    def frame(self, ether_type, body, src_mac, dst_mac=SENSOR_MAC):
        self.socket.send(packets.mac_bytes(dst_mac) + packets.mac_bytes(src_mac) + struct.pack("!H", ether_type) + body)
        self.sent += 1

    def arp(self, operation, sender_mac, sender_ip, target_ip, target_mac="00:00:00:00:00:00", dst_mac=packets.BROADCAST):
        self.frame(0x0806, packets.arp(operation, sender_mac, sender_ip, target_mac, target_ip), sender_mac, dst_mac)

    def tcp(self, src, sport, dst, dport, flags, src_mac=None, **fields):
        body = packets.ip(src, dst, packets.TCP, packets.tcp_segment(src, sport, dst, dport, flags, **fields))
        self.frame(0x0800, body, src_mac or packets.mac_of(src))
