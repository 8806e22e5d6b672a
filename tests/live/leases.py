"""A small DHCP client on a packet socket: asks under any hardware address, takes what it is offered or not (RFC 2131)."""
import select
import socket
import struct
import sys
import time
from pathlib import Path

from harness import Failed, inside

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "golden"))
import packets  # noqa: E402

DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5
MAGIC = bytes((99, 130, 83, 99))


def own_mac(number):
    return f"02:00:0b:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


class Asker:
    """Clients behind the sensor's end of the cable."""

    def __init__(self, stage):
        with inside(stage.names["sensor"]):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            self.socket.bind(("mon0", 0x0800))
        stage.closing.append(self.socket.close)

    def send(self, kind, mac, number, *options):
        body = struct.pack("!BBBBIHH", 1, 1, 6, 0, number, 0, 0x8000) + bytes(16) + packets.mac_bytes(mac) + bytes(10 + 64 + 128)
        body += MAGIC + bytes((53, 1, kind)) + b"".join(options) + b"\xff"
        datagram = struct.pack("!HHHH", 68, 67, 8 + len(body), 0) + body
        frame = packets.ip("0.0.0.0", "255.255.255.255", packets.UDP, datagram)
        self.socket.send(packets.mac_bytes(packets.BROADCAST) + packets.mac_bytes(mac) + struct.pack("!H", 0x0800) + frame)

    def answers(self, number, kind, seconds):
        """[(server identifier, address)] as they come, within the time."""
        limit = time.monotonic() + seconds
        while select.select([self.socket], [], [], max(0.0, limit - time.monotonic()))[0]:
            frame = self.socket.recv(2048)
            if len(frame) < 290 or frame[23] != packets.UDP or frame[36:38] != b"\0\x44" or frame[46:50] != struct.pack("!I", number):
                continue
            options, at, told = frame[282:], 0, {}
            while at + 1 < len(options) and options[at] != 255:
                told[options[at]] = options[at + 2:at + 2 + options[at + 1]]
                at += 2 + options[at + 1]
            if told.get(53) == bytes((kind,)):
                yield told[54], frame[58:62]

    def takes_lease(self, number, server=None):
        """The whole conversation; of the servers the first that answers, or the one that is named."""
        mac, wanted = own_mac(number), server and socket.inet_aton(server)
        self.send(DISCOVER, mac, number)
        for chosen, address in self.answers(number, OFFER, 5):
            if wanted not in (None, chosen):
                continue
            self.send(REQUEST, mac, number, bytes((50, 4)) + address, bytes((54, 4)) + chosen)
            if any(self.answers(number, ACK, 5)):
                return
        raise Failed(f"client {number} got no lease{f' of {server}' if server else ''}")

    def only_asks(self, number):
        self.send(DISCOVER, own_mac(number), number)


