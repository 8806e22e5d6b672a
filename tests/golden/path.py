"""What a golden recipe of a pair of captures is written with: a path with a capture point at each end.

    from path import *

    with Path(delay_ms=20, far_clock_s=3600) as path:      # near.pcap and far.pcap beside the recipe
        path.tcp("10.0.0.5", 40000, "10.9.0.1", 80, "S", seq=1000, mss=1460)
        path.tcp("10.0.0.5", 40000, "10.9.0.1", 80, "PA", seq=1001, ack=1, payload="x", lost=True)

`near_hosts` are the addresses on the near side, as seen there; `nat` = {near address: far address} and
`ports` = {near port: far port} are what a translator between changes. Each packet is at the sender's point at the path's
time and `delay_ms` later at the other, by that one's own clock. lost=True: at the sender's only. missed=True: the
receiver's capture did not take it. changed={...}: fields at the receiver's point.
"""
from wire import *  # noqa: F401,F403  (recipes need the builders too)
from wire import Capture


class Path:
    def __init__(self, near_hosts=("10.0.0.5",), delay_ms=1.0, far_clock_s=0.0, nat=None, ports=None, shift=None,
                 near=None, far=None):
        self.near, self.far = Capture("near.pcap", **(near or {})), Capture("far.pcap", **(far or {}))
        self.near_hosts, self.delay_ms, self.far_clock_s = set(near_hosts), delay_ms, far_clock_s
        self.nat, self.ports, self.shift = nat or {}, ports or {}, shift or {}
        self.now = 0.0                   # seconds
        self.ids = {}

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        self.near.__exit__(kind, *rest)
        self.far.__exit__(kind, *rest)

    def at(self, seconds):
        self.now = seconds
        return self

    def wait(self, ms):
        self.now += ms / 1000
        return self

    def send(self, method, src, sport, dst, dport, *rest, lost=False, missed=False, unsent=False, delay_ms=None,
             changed=None, **fields):
        """`unsent`: only the receiver's point shows it."""
        outward = src in self.near_hosts
        if "id" not in fields:
            self.ids[src] = self.ids.get(src, 0) % 65535 + 1
            fields["id"] = self.ids[src]
        travel = (self.delay_ms if delay_ms is None else delay_ms) / 1000
        for point in ("near", "far"):
            is_sender = (point == "near") == outward
            if (is_sender and unsent) or (not is_sender and (lost or missed)):
                continue
            given = {**fields, **({} if is_sender else changed or {})}
            ends = [src, sport, dst, dport]
            if point == "far":
                ends = [self.nat.get(src, src), self.ports.get(sport, sport), self.nat.get(dst, dst),
                        self.ports.get(dport, dport)]
                for name, host in (("seq", src), ("ack", dst)):
                    if name in given and self.shift.get(host):
                        given[name] = (given[name] + self.shift[host]) % 2**32
            capture = self.near if point == "near" else self.far
            when = self.now + (0 if is_sender else travel) + (self.far_clock_s if point == "far" else 0)
            getattr(capture.at(when), method)(*ends, *rest, **given)
        return self

    def tcp(self, *ends, **fields):
        return self.send("tcp", *ends, **fields)

    def udp(self, *ends, **fields):
        return self.send("udp", *ends, **fields)

    def connection(self, *ends, **options):
        return PathConnection(self, *ends, **options)


class PathConnection:
    """A TCP connection over the path that keeps its own sequence numbers; time goes on by the path's delay."""

    def __init__(self, path, client, cport, server, sport, client_isn=1000, server_isn=500000, timestamps=False, **fields):
        self.path, self.ends, self.fields, self.timestamps = path, (client, cport, server, sport), fields, timestamps
        self.next = {True: client_isn, False: server_isn}

    def segment(self, by_client, flags, **more):
        client, cport, server, sport = self.ends
        ends = (client, cport, server, sport) if by_client else (server, sport, client, cport)
        given = {"seq": self.next[by_client], **({"ack": self.next[not by_client]} if "A" in flags else {})}
        if self.timestamps:
            given["ts"] = (int(self.path.now * 1000) + (0 if by_client else 7000), 0)
        self.path.tcp(*ends, flags, **{**given, **self.fields, **more})
        return self

    def travel(self, ms=0.0):
        self.path.wait(self.path.delay_ms + ms)
        return self

    def handshake(self, synack=None, **options):
        options = {"mss": 1460, "wscale": 7, "sack_ok": True, **options}
        self.segment(True, "S", **options).travel()
        self.next[True] += 1
        self.segment(False, "SA", **options, **(synack or {})).travel()
        self.next[False] += 1
        return self.segment(True, "A")

    def data(self, by_client, payload, flags="PA", **more):
        """Sends new bytes in one segment; the time stays."""
        self.segment(by_client, flags, payload=payload, **more)
        self.next[by_client] += len(payload)
        return self

    def exchange(self, request, response, server_ms=0.3, client_ms=1.0):
        """A request, the server's thinking, the answer, its acknowledgment, the client's thinking."""
        self.data(True, request).travel(server_ms)
        self.data(False, response).travel()
        self.segment(True, "A")
        self.path.wait(client_ms)
        return self

    def close(self):
        self.segment(True, "FA").travel(0.1)
        self.next[True] += 1
        self.segment(False, "FA").travel()
        self.next[False] += 1
        return self.segment(True, "A")
