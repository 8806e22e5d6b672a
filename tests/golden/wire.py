"""What a golden recipe is written with: a capture that is filled packet by packet, the same bytes each time.

    from wire import *

    with Capture() as cap:                                  # input.pcap beside the recipe, nanoseconds, Ethernet
        cap.at(1.5)                                         # seconds after BASE; may go back, the file is sorted
        cap.arp_request("10.0.0.5", "10.0.0.1")
        cap.wait(20)                                        # milliseconds
        cap.tcp("10.0.0.5", 40000, "10.0.0.1", 80, "S", seq=1000, mss=1460, wscale=7, sack_ok=True)
        cap.tcp_session("10.0.0.5", 40001, "10.0.0.1", 80, request="GET / HTTP/1.0\\r\\n\\r\\n", response="x" * 5000)

MAC addresses are made of the IP addresses (packets.mac_of) unless `cap.macs[ip]` or src_mac=, dst_mac= say otherwise.
Every packet method takes vlan=[40] (outermost first), src_mac, dst_mac, pad=True (to 60 bytes) and the fields of
packets.ip (ttl, id, df, tos). Identifications count up for each source, so that no packet looks like a copy.
"""
import random
import struct
from pathlib import Path

import packets
from packets import *  # noqa: F401,F403  (recipes need the builders too)
from packets import BROADCAST, ICMP, ICMPV6, TCP, UDP, as_bytes, is_v6, mac_bytes, mac_of, packed

BASE = 1_700_000_000                     # seconds since 1970 of the capture's second 0
LINKS = {"ethernet": 1, "raw": 101, "sll": 113, "sll2": 276, "null": 0}
LINK_FIELDS = ("vlan", "src_mac", "dst_mac", "pad")
IP_FIELDS = ("ttl", "id", "df", "tos", "options", "length", "mf", "offset")


def split(fields, names):
    return {name: fields.pop(name) for name in names if name in fields}


class Capture:
    """A capture file. It is written by close() or at the end of `with`, in the order of the stamps (sort=False: as
    added). A path that ends in .pcapng makes that format, with `interfaces` names and directions."""

    def __init__(self, path="input.pcap", *, nanoseconds=True, link="ethernet", snaplen=262144, seed=1, sort=True,
                 interfaces=("eth0",)):
        self.path, self.nanoseconds, self.link, self.snaplen, self.sort = Path(path), nanoseconds, link, snaplen, sort
        self.interfaces = interfaces
        self.interface = 0               # index into interfaces; pcapng only
        self.direction = None            # "in", "out" or None: cooked packet type and pcapng flags
        self.random = random.Random(seed)
        self.macs = {}
        self.now = BASE * 10**9
        self.ids = {}
        self.packets = []
        self.losses = {}                 # interface: (received, dropped by it, dropped by the kernel); pcapng only

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()

    # Time.

    def at(self, seconds):
        """Sets the time: seconds after BASE."""
        self.now = BASE * 10**9 + round(seconds * 10**9)
        return self

    def wait(self, ms):
        self.now += round(ms * 10**6)
        return self

    def seconds(self):
        """The time as at() takes it."""
        return (self.now - BASE * 10**9) / 10**9

    # Frames.

    def mac(self, ip):
        return self.macs.get(ip) or mac_of(ip)

    def add(self, frame, wire_bytes=None):
        """Adds a whole frame of the capture's link type at the present time."""
        self.packets.append((self.now, frame[:self.snaplen], wire_bytes or len(frame), self.interface, self.direction))
        return self

    def frame(self, ether_type, body, src_mac, dst_mac, vlan=(), pad=False):
        """Adds what a network layer gave, in the capture's link type."""
        if self.link == "ethernet":
            tags = b"".join(struct.pack("!HH", 0x8100, tag) for tag in ([vlan] if isinstance(vlan, int) else vlan))
            whole = mac_bytes(dst_mac) + mac_bytes(src_mac) + tags + struct.pack("!H", ether_type) + body
            return self.add(whole + b"\0" * max(0, 60 - len(whole)) if pad else whole)
        if self.link == "raw":
            return self.add(body)
        if self.link == "null":
            return self.add(struct.pack("<I", 2 if ether_type == 0x0800 else 24) + body)
        kind = 4 if self.direction == "out" else 1 if dst_mac == BROADCAST else 2 if dst_mac[1] in "13579bdf" else 0
        if self.link == "sll":
            return self.add(struct.pack("!HHH", kind, 1, 6) + mac_bytes(src_mac) + b"\0\0"
                            + struct.pack("!H", ether_type) + body)
        return self.add(struct.pack("!HHIHBB", ether_type, 0, self.interface + 1, 1, kind, 6) + mac_bytes(src_mac)
                        + b"\0\0" + body)

    def ip_packet(self, packet, src, dst, **link):
        """Adds a ready IP packet."""
        return self.frame(0x86dd if is_v6(src) else 0x0800, packet, link.pop("src_mac", None) or self.mac(src),
                          link.pop("dst_mac", None) or self.mac(dst), **link)

    def ip(self, src, dst, protocol, body, **fields):
        """Adds any IP packet; gives it back, so that an ICMP error can quote it."""
        link = split(fields, LINK_FIELDS)
        if "id" not in fields:
            fields["id"] = self.next_id(src)
        packet = packets.ip(src, dst, protocol, body, **fields)
        self.ip_packet(packet, src, dst, **link)
        return packet

    def next_id(self, src):
        self.ids[src] = self.ids.get(src, 0) % 65535 + 1
        return self.ids[src]

    # ARP and neighbour discovery.

    def arp_request(self, sender, target, **link):
        link.setdefault("dst_mac", BROADCAST)
        return self.arp(1, sender, target, target_mac="00:00:00:00:00:00", **link)

    def arp_reply(self, sender, target, **link):
        """`sender` tells `target` its MAC; claim another's address with mac=."""
        return self.arp(2, sender, target, **link)

    def arp_gratuitous(self, sender, operation=1, **link):
        """An announcement (RFC 5227, 3): sender and target address equal, broadcast."""
        link.setdefault("dst_mac", BROADCAST)
        return self.arp(operation, sender, sender, target_mac="00:00:00:00:00:00", **link)

    def arp_probe(self, sender_mac, target, **link):
        """RFC 5227, 2.1.1: no sender address yet."""
        link.setdefault("dst_mac", BROADCAST)
        return self.arp(1, "0.0.0.0", target, mac=sender_mac, target_mac="00:00:00:00:00:00", **link)

    def arp(self, operation, sender, target, *, mac=None, target_mac=None, **link):
        mac = mac or self.mac(sender)
        target_mac = target_mac or self.mac(target)
        body = packets.arp(operation, mac, sender, target_mac, target)
        return self.frame(0x0806, body, link.pop("src_mac", None) or mac, link.pop("dst_mac", None) or target_mac,
                          **link)

    def neighbor_solicit(self, sender, target, *, mac=None, dst=None, **fields):
        """`sender` "::" makes it duplicate address detection."""
        dst = dst or packets.solicited_node(target)
        mac = None if sender == "::" else mac or self.mac(sender)
        body = packets.neighbor_body(sender, dst, target, mac, advertisement=False)
        fields.setdefault("src_mac", mac or self.mac(target))
        return self.ip(sender, dst, ICMPV6, body, ttl=255, **fields)

    def neighbor_advertise(self, sender, dst, *, target=None, mac=None, solicited=True, **fields):
        mac = mac or self.mac(sender)
        body = packets.neighbor_body(sender, dst, target or sender, mac, advertisement=True, solicited=solicited)
        fields.setdefault("src_mac", mac)
        return self.ip(sender, dst, ICMPV6, body, ttl=255, **fields)

    # Transport.

    def tcp(self, src, sport, dst, dport, flags="A", **fields):
        """fields: seq, ack, win, payload, mss, wscale, sack_ok, ts=(value, echo), sack, raw, and those of IP and link."""
        outer = split(fields, LINK_FIELDS + IP_FIELDS)
        return self.ip(src, dst, TCP, packets.tcp_segment(src, sport, dst, dport, flags, **fields), **outer)

    def udp(self, src, sport, dst, dport, payload=b"", *, mtu=None, **fields):
        """One datagram; with `mtu` in as many fragments as it needs."""
        datagram = packets.udp_datagram(src, sport, dst, dport, payload)
        if mtu is None or len(datagram) + (40 if is_v6(src) else 20) <= mtu:
            return self.ip(src, dst, UDP, datagram, **fields)
        link = split(fields, LINK_FIELDS)
        pieces = packets.fragments(src, dst, UDP, datagram, mtu=mtu, id=self.next_id(src), **fields)
        for piece in pieces:
            self.ip_packet(piece, src, dst, **link)
        return pieces[0]

    def icmp(self, src, dst, kind, code=0, rest=b"\0\0\0\0", payload=b"", **fields):
        body = packets.icmp_message(src, dst, kind, code, rest, payload)
        return self.ip(src, dst, ICMPV6 if is_v6(src) else ICMP, body, **fields)

    def ping(self, src, dst, seq=1, id_=1, payload=bytes(range(56)), **fields):
        """An echo request."""
        return self.icmp(src, dst, 128 if is_v6(src) else 8, 0, struct.pack("!HH", id_, seq), payload, **fields)

    def pong(self, src, dst, seq=1, id_=1, payload=bytes(range(56)), **fields):
        """An echo reply."""
        return self.icmp(src, dst, 129 if is_v6(src) else 0, 0, struct.pack("!HH", id_, seq), payload, **fields)

    def icmp_unreachable(self, reporter, asker, quoted, code="port", mtu=0, **fields):
        """`quoted` is the IP packet that could not be delivered, as the packet methods give it back."""
        version = 6 if is_v6(reporter) else 4
        number = packets.UNREACHABLE[version].get(code, code)
        return self.icmp(reporter, asker, 1 if version == 6 else 3, number, struct.pack("!HH", 0, mtu), quoted[:548],
                         **fields)

    # Conversations. Each takes the time that it says, and leaves the clock at its end.

    def connection(self, client, cport, server, sport, **options):
        return Connection(self, client, cport, server, sport, **options)

    def tcp_handshake(self, client, cport, server, sport, **options):
        """SYN, SYN-ACK, ACK; the connection can go on."""
        return self.connection(client, cport, server, sport, **options).handshake()

    def tcp_session(self, client, cport, server, sport, request=b"", response=b"", close="fin", **options):
        """A whole connection with one exchange; close: fin, rst (by the client), server_rst or None."""
        connection = self.tcp_handshake(client, cport, server, sport, **options)
        if request:
            connection.client(request)
        if response:
            connection.server(response)
        return connection.close(close)

    def tcp_refused(self, client, cport, server, sport, rtt_ms=1.0, isn=None, **fields):
        """SYN, and RST-ACK back."""
        isn = self.random.getrandbits(32) if isn is None else isn
        self.tcp(client, cport, server, sport, "S", seq=isn, mss=1460, sack_ok=True, wscale=7, **fields)
        self.wait(rtt_ms).tcp(server, sport, client, cport, "RA", seq=0, ack=isn + 1, win=0)
        return self

    def syn_ladder(self, client, cport, server, sport, gaps=(1, 2, 4), isn=None, **fields):
        """One attempt that nobody answers: the SYN, and a copy after each gap in seconds. Leaves the clock alone."""
        begun = self.now
        isn = self.random.getrandbits(32) if isn is None else isn
        fields = {"mss": 1460, "sack_ok": True, "wscale": 7, **fields}
        for gap in (*gaps, None):
            self.tcp(client, cport, server, sport, "S", seq=isn, **fields)
            if gap is not None:
                self.wait(gap * 1000)
        self.now = begun
        return self

    def udp_exchange(self, client, cport, server, sport, request=b"?", response=b"!", rtt_ms=1.0, **fields):
        self.udp(client, cport, server, sport, request, **fields)
        self.wait(rtt_ms).udp(server, sport, client, cport, response, **fields)
        return self

    # The file.

    def close(self):
        if self.sort:
            self.packets.sort(key=lambda packet: packet[0])
        data = self.pcapng() if self.path.suffix == ".pcapng" else self.pcap()
        self.path.write_bytes(data)

    def pcap(self):
        unit = 1 if self.nanoseconds else 1000
        magic = 0xa1b23c4d if self.nanoseconds else 0xa1b2c3d4
        out = [struct.pack("<IHHiIII", magic, 2, 4, 0, 0, self.snaplen, LINKS[self.link])]
        for stamp, data, wire, _, _ in self.packets:
            out.append(struct.pack("<IIII", stamp // 10**9, stamp % 10**9 // unit, len(data), wire) + data)
        return b"".join(out)

    def pcapng(self):
        unit, digits = (1, 9) if self.nanoseconds else (1000, 6)
        out = [block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))]
        for name in self.interfaces:
            out.append(block(1, struct.pack("<HHI", LINKS[self.link], 0, self.snaplen)
                             + option(2, name.encode()) + option(9, bytes([digits])) + option(0, b"")))
        for stamp, data, wire, interface, direction in self.packets:
            ticks = stamp // unit
            flags = {"in": 1, "out": 2}.get(direction)
            extra = option(2, struct.pack("<I", flags)) + option(0, b"") if flags else b""
            out.append(block(6, struct.pack("<IIIII", interface, ticks >> 32, ticks & 0xffffffff, len(data), wire)
                             + padded(data) + extra))
        for interface, (received, dropped, by_kernel) in self.losses.items():
            counts = ((4, received), (5, dropped), (7, by_kernel))
            out.append(block(5, struct.pack("<III", interface, 0, 0)
                             + b"".join(option(code, struct.pack("<Q", count)) for code, count in counts)
                             + option(0, b"")))
        return b"".join(out)


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + padded(value)


def block(kind, body):
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


class Connection:
    """A TCP connection that keeps its own sequence numbers. rtt_ms passes between a segment and its answer; `fields`
    (ttl, vlan, ...) go into every packet of the client and, but for ttl, of the server."""

    def __init__(self, cap, client, cport, server, sport, *, rtt_ms=1.0, mss=1460, wscale=7, client_isn=None,
                 server_isn=None, window=64240, timestamps=False, **fields):
        self.cap, self.ends = cap, (client, cport, server, sport)
        self.rtt_ms, self.mss, self.wscale, self.window, self.fields = rtt_ms, mss, wscale, window, fields
        self.timestamps = timestamps
        self.client_next = cap.random.getrandbits(32) if client_isn is None else client_isn
        self.server_next = cap.random.getrandbits(32) if server_isn is None else server_isn

    def stamps(self):
        return {"ts": (self.cap.now // 10**6 & 0xffffffff, 0)} if self.timestamps else {}

    def from_client(self, flags, **more):
        client, cport, server, sport = self.ends
        given = {"seq": self.client_next, "ack": self.server_next if "A" in flags else 0, "win": self.window}
        return self.cap.tcp(client, cport, server, sport, flags, **{**given, **self.stamps(), **self.fields, **more})

    def from_server(self, flags, **more):
        client, cport, server, sport = self.ends
        fields = {name: value for name, value in self.fields.items() if name not in ("ttl", "src_mac", "dst_mac")}
        given = {"seq": self.server_next, "ack": self.client_next, "win": self.window}
        return self.cap.tcp(server, sport, client, cport, flags, **{**given, **self.stamps(), **fields, **more})

    def syn(self, **more):
        self.from_client("S", mss=self.mss, wscale=self.wscale, sack_ok=True, **more)
        self.client_next += 1
        return self

    def synack(self, **more):
        self.from_server("SA", mss=self.mss, wscale=self.wscale, sack_ok=True, **more)
        self.server_next += 1
        return self

    def handshake(self):
        self.syn()
        self.cap.wait(self.rtt_ms)
        self.synack()
        self.cap.wait(0.05)
        self.from_client("A")
        return self

    def client(self, payload):
        """The client sends, in full segments, and the server acknowledges."""
        for piece in self.pieces(payload):
            self.from_client("PA", payload=piece)
            self.client_next += len(piece)
        self.cap.wait(self.rtt_ms)
        self.from_server("A")
        return self

    def server(self, payload):
        for piece in self.pieces(payload):
            self.cap.wait(0.01)
            self.from_server("PA", payload=piece)
            self.server_next += len(piece)
        self.cap.wait(0.05)
        self.from_client("A")
        return self

    def pieces(self, payload):
        data = as_bytes(payload)
        return [data[at:at + self.mss] for at in range(0, len(data), self.mss)]

    def close(self, how="fin"):
        """fin: the client closes first; rst: the client aborts; server_rst; None: left open."""
        if how == "rst":
            self.from_client("RA")
        elif how == "server_rst":
            self.from_server("RA")
        elif how == "fin":
            self.from_client("FA")
            self.client_next += 1
            self.cap.wait(self.rtt_ms)
            self.from_server("FA")
            self.server_next += 1
            self.cap.wait(0.05)
            self.from_client("A")
        return self.cap
