"""Builds packets as bytes, with right lengths and checksums: IP, TCP, UDP, ICMP, ARP, neighbour discovery.

Nothing here knows time, files or links; wire.py does. Addresses are text, IPv4 or IPv6; a payload is bytes or text.
"""
import ipaddress
import struct

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}
BROADCAST = "ff:ff:ff:ff:ff:ff"
UNREACHABLE = {4: {"net": 0, "host": 1, "protocol": 2, "port": 3, "frag_needed": 4, "admin": 13},
               6: {"net": 0, "admin": 1, "host": 3, "port": 4}}


def as_bytes(payload):
    return payload.encode() if isinstance(payload, str) else bytes(payload)


def packed(ip):
    return ipaddress.ip_address(ip).packed


def is_v6(ip):
    return ":" in ip


def mac_bytes(mac):
    return bytes.fromhex(mac.replace(":", "").replace("-", ""))


def mac_of(ip):
    """A locally administered address made of the last four bytes of the IP: 02:00:0a:00:00:01 for 10.0.0.1. Groups
    and the limited broadcast give their Ethernet address (RFC 1112, 6.4; RFC 2464, 7)."""
    address, raw = ipaddress.ip_address(ip), packed(ip)
    if ip == "255.255.255.255":
        return BROADCAST
    if address.is_multicast:
        raw = bytes([0x01, 0x00, 0x5e, raw[1] & 0x7f]) + raw[2:] if len(raw) == 4 else b"\x33\x33" + raw[-4:]
        return raw.hex(":")
    return (b"\x02\x00" + raw[-4:]).hex(":")


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def transport_checksum(src, dst, protocol, segment):
    """With the pseudo-header of RFC 9293, 3.1 or RFC 8200, 8.1 (the two give the same sum)."""
    return checksum(packed(src) + packed(dst) + struct.pack("!II", len(segment), protocol) + segment)


def with_checksum(segment, at, value):
    return segment[:at] + struct.pack("!H", value) + segment[at + 2:]


def ip(src, dst, protocol, body, *, ttl=64, id=0, df=True, mf=False, offset=0, tos=0, options=b"", length=None):
    """An IPv4 or IPv6 packet. `offset` (bytes, a multiple of 8) or `mf` make it a fragment; `length` overrides the
    length field."""
    if is_v6(src):
        if mf or offset:
            body = struct.pack("!BBHI", protocol, 0, offset | mf, id) + body
            protocol = 44
        size = len(body) if length is None else length
        return struct.pack("!IHBB", 0x60000000 | tos << 20, size, protocol, ttl) + packed(src) + packed(dst) + body
    options += b"\0" * (-len(options) % 4)
    size = 20 + len(options) + len(body) if length is None else length
    bits = (0x2000 if mf else 0) | (0x4000 if df and not mf and not offset else 0) | offset // 8
    head = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, tos, size, id & 0xffff, bits, ttl, protocol, 0)
    head += packed(src) + packed(dst) + options
    return with_checksum(head, 10, checksum(head)) + body


def fragments(src, dst, protocol, body, *, mtu=1500, id=1, **ip_fields):
    """The body as IP fragments that fit the MTU."""
    step = (mtu - (48 if is_v6(src) else 20)) // 8 * 8
    return [ip(src, dst, protocol, body[at:at + step], id=id, mf=at + step < len(body), offset=at, **ip_fields)
            for at in range(0, len(body), step)]


def tcp_options(mss=None, wscale=None, sack_ok=False, ts=None, sack=(), raw=b""):
    """`ts` is (value, echo); `sack` is a list of (left, right)."""
    out = b""
    if mss is not None:
        out += struct.pack("!BBH", 2, 4, mss)
    if sack_ok:
        out += b"\x04\x02"
    if ts is not None:
        out += struct.pack("!BBII", 8, 10, ts[0] & 0xffffffff, ts[1] & 0xffffffff)
    if wscale is not None:
        out += struct.pack("!BBB", 3, 3, wscale)
    if sack:
        out += struct.pack("!BB", 5, 2 + 8 * len(sack)) + b"".join(struct.pack("!II", *edges) for edges in sack)
    out += raw
    return out + b"\x01" * (-len(out) % 4)


def tcp_segment(src, sport, dst, dport, flags="A", *, seq=0, ack=0, win=64240, payload=b"", bad_checksum=False,
                checksum=None, **options):
    """`flags` are letters of FSRPAUEC; `options` as in tcp_options(); `checksum` stands instead of the right one."""
    extra = tcp_options(**options)
    bits = sum(FLAGS[letter] for letter in flags)
    segment = struct.pack("!HHIIHHHH", sport, dport, seq & 0xffffffff, ack & 0xffffffff,
                          (5 + len(extra) // 4) << 12 | bits, win, 0, 0) + extra + as_bytes(payload)
    if checksum is not None:
        return with_checksum(segment, 16, checksum)
    return with_checksum(segment, 16, transport_checksum(src, dst, TCP, segment) ^ (0x5555 if bad_checksum else 0))


def udp_datagram(src, sport, dst, dport, payload=b""):
    datagram = struct.pack("!HHHH", sport, dport, 8 + len(as_bytes(payload)), 0) + as_bytes(payload)
    return with_checksum(datagram, 6, transport_checksum(src, dst, UDP, datagram) or 0xffff)


def icmp_message(src, dst, kind, code, rest, payload=b""):
    """`rest` are the four bytes after the checksum. ICMPv6 where the addresses are IPv6."""
    message = struct.pack("!BBH", kind, code, 0) + rest + as_bytes(payload)
    value = transport_checksum(src, dst, ICMPV6, message) if is_v6(src) else checksum(message)
    return with_checksum(message, 2, value)


def arp(operation, sender_mac, sender_ip, target_mac, target_ip):
    """RFC 826: operation 1 asks, 2 answers."""
    return (struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + mac_bytes(sender_mac) + packed(sender_ip)
            + mac_bytes(target_mac) + packed(target_ip))


def solicited_node(ip_text):
    """The group in which the owner of the address listens (RFC 4291, 2.7.1)."""
    return str(ipaddress.ip_address(bytes.fromhex("ff0200000000000000000001ff") + packed(ip_text)[-3:]))


def neighbor_body(src, dst, target, mac, *, advertisement, solicited=False, override=True):
    """RFC 4861, 4.3 and 4.4; `mac` None leaves the link-layer option out (duplicate address detection)."""
    flags = (0x40000000 if solicited else 0) | (0x20000000 if override else 0) if advertisement else 0
    body = packed(target)
    if mac:
        body += struct.pack("!BB", 2 if advertisement else 1, 1) + mac_bytes(mac)
    return icmp_message(src, dst, 136 if advertisement else 135, 0, struct.pack("!I", flags), body)
