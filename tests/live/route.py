"""A path of the test's own: near - translator (nftables masquerade) - relay - far, with a capture at both ends.

    with Route(stage, far_clock_s=3600) as route:
        route.lose(b"marker")            # every segment that holds these bytes; times=1: the first only
        ...sockets of inside(route.near), inside(route.far)...
    near, far = route.captures           # written when the route is left; the far stamps are an hour ahead

The relay is a thread that carries frames between two links, and keeps back what it is told to lose.
"""
import contextlib
import os
import select
import socket
import struct
import threading
import time

from harness import command, inside, until

NEAR, NEAR_GATE, FAR_GATE, FAR = "10.78.0.2", "10.78.0.1", "10.79.0.1", "10.79.0.2"
SO_TIMESTAMPNS = 35                      # asm-generic/socket.h
TCP, IPV4 = 6, 0x0800


def tcp_of(frame):
    """(sequence number, payload) of an IPv4 TCP frame, else None."""
    if len(frame) < 54 or struct.unpack_from("!H", frame, 12)[0] != IPV4 or frame[23] != TCP:
        return None
    header = 14 + (frame[14] & 15) * 4
    end = 14 + struct.unpack_from("!H", frame, 16)[0]
    return struct.unpack_from("!I", frame, header + 4)[0], frame[header + (frame[header + 12] >> 4) * 4:end]


class Tap:
    """All frames of a link, with the kernel's stamps."""

    def __init__(self, space, link):
        with inside(space):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            self.socket.bind((link, 0))
        self.frames = []

    def read(self):
        data, ancillary, _, _ = self.socket.recvmsg(65536, 64)
        seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
        self.frames.append((seconds * 10**9 + nanoseconds, data))

    def write(self, path, ahead_s):
        parts = [struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1)]
        for stamp, data in self.frames:
            stamp += ahead_s * 10**9
            parts.append(struct.pack("<IIII", stamp // 10**9, stamp % 10**9, len(data), len(data)) + data)
        path.write_bytes(b"".join(parts))
        return path


class Route:
    def __init__(self, stage, far_clock_s=0):
        self.stage, self.far_clock_s = stage, far_clock_s
        self.spaces = {name: f"wsl-{name}-{os.getpid()}" for name in ("near", "nat", "relay", "far")}
        self.near, self.far = self.spaces["near"], self.spaces["far"]
        self.losses = []                 # [marker, how often still]
        self.lost = []                   # (marker, payload length), one entry for each copy kept back
        self.lost_at = 0.0               # when the last one was, by time.monotonic()
        self.stopping = False

    def ip(self, space, *words):
        command("ip", "-n", self.spaces[space], *words)

    def cable(self, one, one_link, other, other_link):
        self.ip(one, "link", "add", one_link, "type", "veth", "peer", "name", other_link, "netns", self.spaces[other])
        for space, link in ((one, one_link), (other, other_link)):
            command("ip", "netns", "exec", self.spaces[space], "ethtool", "-K", link, "tx", "off", "gso", "off", "tso", "off",
                    "gro", "off", check=False)
            command("ip", "netns", "exec", self.spaces[space], "sysctl", "-q", "-w", f"net.ipv6.conf.{link}.disable_ipv6=1",
                    check=False)
            self.ip(space, "link", "set", link, "up")

    def __enter__(self):
        try:
            for space in self.spaces:
                command("ip", "netns", "add", self.spaces[space])
                self.ip(space, "link", "set", "lo", "up")
            self.cable("near", "near0", "nat", "inner0")
            self.cable("nat", "outer0", "relay", "left0")
            self.cable("relay", "right0", "far", "far0")
            self.ip("near", "addr", "add", f"{NEAR}/24", "dev", "near0")
            self.ip("near", "route", "add", "default", "via", NEAR_GATE)
            self.ip("nat", "addr", "add", f"{NEAR_GATE}/24", "dev", "inner0")
            self.ip("nat", "addr", "add", f"{FAR_GATE}/24", "dev", "outer0")
            self.ip("far", "addr", "add", f"{FAR}/24", "dev", "far0")
            run = ("ip", "netns", "exec", self.spaces["nat"])
            command(*run, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
            command(*run, "nft", "add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; }; "
                                 "add rule ip nat out oifname outer0 masquerade random")
            self.taps = {"near": Tap(self.near, "near0"), "far": Tap(self.far, "far0")}
            with inside(self.spaces["relay"]):
                self.links = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) for _ in range(2)]
                for link, name in zip(self.links, ("left0", "right0")):
                    link.bind((name, 0))
            self.thread = threading.Thread(target=self.carry, daemon=True)
            self.thread.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            self.settle()
            self.stopping = True
            self.thread.join(10)
            if kind is None:
                self.captures = [self.taps[name].write(self.stage.folder / f"{name}.pcap", ahead)
                                 for name, ahead in (("near", 0), ("far", self.far_clock_s))]
        finally:
            self.remove()

    def settle(self):
        """Until nothing has come for a moment."""
        seen = []

        def still():
            seen.append(sum(len(tap.frames) for tap in self.taps.values()))
            return len(seen) > 15 and seen[-1] == seen[-15]
        until(still, 20, "the route falls silent")

    def remove(self):
        for space in self.spaces.values():
            with contextlib.suppress(Exception):
                command("ip", "netns", "del", space, check=False)

    def lose(self, marker, times=10**9):
        self.losses.append([marker, times])

    def keeps_back(self, frame):
        segment = tcp_of(frame)
        for loss in self.losses if segment else []:
            if loss[0] in segment[1] and loss[1] > 0:
                loss[1] -= 1
                self.lost.append((loss[0], len(segment[1])))
                self.lost_at = time.monotonic()
                return True
        return False

    def carry(self):
        sources = {**{link: None for link in self.links}, **{tap.socket: tap for tap in self.taps.values()}}
        while not self.stopping:
            for ready in select.select(list(sources), [], [], 0.1)[0]:
                if sources[ready]:
                    sources[ready].read()
                    continue
                frame, (_, _, kind, _, _) = ready.recvfrom(65536)
                if kind != socket.PACKET_OUTGOING and not self.keeps_back(frame):
                    self.links[1 - self.links.index(ready)].send(frame)
