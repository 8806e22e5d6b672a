#!/usr/bin/env python3
"""Makes a capture of real applications with their payloads: HTTP, TLS, DNS and SMB2, many conversations at once.

    appgen.py [-n PACKETS] [-s SEED] OUT

Every run with the same arguments makes the same bytes. Of the conversations (about as a file and web server sees them by
packets): 40 % HTTP with keep-alive and bodies of all sizes, some compressed; 30 % TLS 1.2 and 1.3, handshake and records;
15 % DNS; 15 % SMB2 with reads of 64 KiB. Both directions, acknowledgments, healthy: no rule has anything to say.
"""
import argparse
import heapq
import random
import struct
import zlib

MSS = 1460
CLIENT_MAC, SERVER_MAC = bytes.fromhex("02005e000001"), bytes.fromhex("02005e000002")
START_NS = 1_700_000_000_000_000_000
CONCURRENT = 400
SLOWER = 40             # Than the delays below say: some 30,000 packets a second.
LOREM = b"the quick brown fox jumps over the lazy dog and tells nobody about it; " * 2000


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    value = int.from_bytes(data, "big") % 65535     # The sum of words, as one number modulo 2^16 - 1.
    return 65535 - value if value else 65535


def packet(source, destination, protocol, body, identifier, to_server):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), identifier & 0xffff, 0x4000, 64, protocol, 0, source,
                       destination)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    macs = SERVER_MAC + CLIENT_MAC if to_server else CLIENT_MAC + SERVER_MAC
    return macs + b"\x08\x00" + head + body


class Connection:
    """One TCP connection; its methods give (delay in ns, packet)."""

    def __init__(self, rng, client, sport, server, dport):
        self.ends = ((client, sport), (server, dport))
        self.next = [rng.getrandbits(32), rng.getrandbits(32)]
        self.identifier = rng.getrandbits(16)

    def segment(self, side, flags, data=b"", options=b""):
        (source, sport), (destination, dport) = self.ends[side], self.ends[1 - side]
        acknowledged = 0 if flags == 2 else self.next[1 - side]
        head = struct.pack("!HHIIBBHHH", sport, dport, self.next[side] & 0xffffffff, acknowledged & 0xffffffff,
                           (20 + len(options)) << 2, flags, 64240, 0, 0) + options
        pseudo = source + destination + struct.pack("!BBH", 0, 6, len(head) + len(data))
        body = head[:16] + struct.pack("!H", checksum(pseudo + head + data)) + head[18:] + data
        self.next[side] += len(data) + (1 if flags & 3 else 0)
        self.identifier += 1
        return packet(source, destination, 6, body, self.identifier, side == 0)

    def opens(self):
        options = struct.pack("!BBH", 2, 4, MSS) + b"\1\1\4\2"
        yield 0, self.segment(0, 2, options=options)
        yield 200_000, self.segment(1, 18, options=options)
        yield 50_000, self.segment(0, 16)

    def says(self, side, data, delay=300_000):
        for at in range(0, len(data), MSS):
            piece = data[at:at + MSS]
            yield (delay if at == 0 else 12_000), self.segment(side, 24 if at + MSS >= len(data) else 16, piece)
            if at // MSS % 2:
                yield 5_000, self.segment(1 - side, 16)

    def closes(self):
        yield 400_000, self.segment(0, 17)
        yield 100_000, self.segment(1, 17)
        yield 50_000, self.segment(0, 16)


def address(*parts):
    return bytes(parts)


def some_size(rng, least, most):
    """Many small, few large."""
    return int(least * (most / least) ** (rng.random() ** 2))


def http(rng, connection):
    yield from connection.opens()
    for _ in range(rng.randint(1, 12)):
        path = f"/app/{rng.randint(1, 400)}/item.json?page={rng.randint(1, 30)}"
        yield from connection.says(0, f"GET {path} HTTP/1.1\r\nHost: shop{rng.randint(1, 20)}.example.net\r\n"
                                      "User-Agent: bench/1.0\r\nAccept: */*\r\nCookie: session=0123456789abcdef\r\n\r\n"
                                   .encode(), 2_000_000)
        body = LOREM[:some_size(rng, 200, 100_000)]
        kind = "Content-Type: text/plain\r\n"
        if rng.random() < 0.2:
            body = zlib.compress(body, wbits=31)
            kind += "Content-Encoding: gzip\r\n"
        yield from connection.says(1, f"HTTP/1.1 200 OK\r\nServer: bench\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
                                   .encode() + body, 3_000_000)
    yield from connection.closes()


def record(kind, body, version=0x0303):
    return struct.pack("!BHH", kind, version, len(body)) + body


def message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def extension(number, body):
    return struct.pack("!HH", number, len(body)) + body


def tls(rng, connection):
    is_13 = rng.random() < 0.6
    name = f"shop{rng.randint(1, 20)}.example.net".encode()
    listed = extension(0, struct.pack("!HBH", len(name) + 3, 0, len(name)) + name)
    if is_13:
        listed += extension(43, b"\4\3\4\3\3")
    hello = struct.pack("!H", 0x0303) + rng.randbytes(32) + b"\0" + b"\0\2\x13\x01" + b"\1\0" + struct.pack("!H", len(listed)) + listed
    chosen = extension(43, b"\3\4") if is_13 else b""
    answer = struct.pack("!H", 0x0303) + rng.randbytes(32) + b"\0" + (b"\x13\x01" if is_13 else b"\xc0\x2f") + b"\0"
    answer += struct.pack("!H", len(chosen)) + chosen if chosen else b""
    yield from connection.opens()
    yield from connection.says(0, record(22, message(1, hello), 0x0301))
    if is_13:
        flight = record(22, message(2, answer)) + record(20, b"\1") + record(23, rng.randbytes(2600))
        yield from connection.says(1, flight)
        yield from connection.says(0, record(20, b"\1") + record(23, rng.randbytes(53)))
    else:
        flight = message(2, answer) + message(12, rng.randbytes(300)) + message(14, b"")
        yield from connection.says(1, record(22, flight))
        yield from connection.says(0, record(22, message(16, b"\x20" + rng.randbytes(32))) + record(20, b"\1") + record(22, rng.randbytes(40)))
        yield from connection.says(1, record(20, b"\1") + record(22, rng.randbytes(40)))
    for _ in range(rng.randint(1, 8)):
        yield from connection.says(0, record(23, rng.randbytes(some_size(rng, 80, 2000))), 2_000_000)
        size = some_size(rng, 200, 100_000)
        body = b"".join(record(23, LOREM[:min(16_000, size - at)]) for at in range(0, size, 16_000))
        yield from connection.says(1, body, 4_000_000)
    yield from connection.closes()


def smb_frame(command, body, message_id, tree=1, session=1, answer=False, credits=32):
    head = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, 0, command, credits, 1 if answer else 0, 0, message_id, 0xfeff, tree,
                       session, b"\0" * 16)
    return struct.pack("!I", len(head) + len(body)) + head + body


def smb(rng, connection):
    yield from connection.opens()
    number = 0
    steps = ((0, struct.pack("<HHHHI16sQ", 36, 1, 1, 0, 0, b"\0" * 16, 0) + struct.pack("<H", 0x0210),
              struct.pack("<HHHH16sIIIIQQHHI", 65, 1, 0x0210, 0, b"\0" * 16, 4, 1 << 20, 1 << 20, 1 << 20, 0, 0, 128, 0, 0)),
             (1, struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, 32, 0) + b"NTLMSSP\0" + struct.pack("<II16s", 1, 0x62088215, b""), struct.pack("<HHHH", 9, 0, 72, 0)),
             (3, struct.pack("<HHHH", 9, 0, 72, 20) + "\\\\fs\\data".encode("utf-16-le").ljust(20, b"\0"),
              struct.pack("<HBBIII", 16, 1, 0, 0, 0, 0x1f01ff)),
             (5, struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x120089, 0, 7, 1, 0, 120, 16, 0, 0) + "file.dat".encode("utf-16-le"),
              struct.pack("<HBBIQQQQQQII", 89, 0, 0, 1, 0, 0, 0, 0, 1 << 24, 1 << 24, 0x20, 0) + rng.randbytes(16) + struct.pack("<II", 0, 0)))
    for command, asked, answered in steps:
        yield from connection.says(0, smb_frame(command, asked, number))
        yield from connection.says(1, smb_frame(command, answered, number, answer=True))
        number += 1
    offset, piece = 0, 65536
    for _ in range(rng.randint(2, 10)):
        ahead = rng.randint(2, 4)
        for i in range(ahead):
            body = struct.pack("<HBBIQ16sIIIHH", 49, 0x50, 0, piece, offset + i * piece, b"f" * 16, 0, 0, 0, 0, 0) + b"\0"
            yield from connection.says(0, smb_frame(8, body, number + i), 100_000)
        for i in range(ahead):
            body = struct.pack("<HBBIII", 17, 80, 0, piece, 0, 0) + LOREM[:piece]
            yield from connection.says(1, smb_frame(8, body, number + i, answer=True), 150_000)
        number += ahead
        offset += ahead * piece
    yield from connection.closes()


def dns(rng, client, server):
    for _ in range(rng.randint(1, 6)):
        sport, identifier = rng.randint(20000, 60000), rng.getrandbits(16)
        labels = b"".join(bytes([len(part)]) + part for part in (f"host{rng.randint(1, 5000)}".encode(), b"example", b"net"))
        question = labels + b"\0" + struct.pack("!HH", 1, 1)
        query = struct.pack("!6H", identifier, 0x0100, 1, 0, 0, 0) + question
        answer = (struct.pack("!6H", identifier, 0x8180, 1, 1, 0, 0) + question
                  + struct.pack("!HHHIH", 0xc00c, 1, 1, 300, 4) + rng.randbytes(4))
        for delay, (source, a), (destination, b), data in ((3_000_000, (client, sport), (server, 53), query),
                                                           (1_500_000, (server, 53), (client, sport), answer)):
            head = struct.pack("!HHHH", a, b, 8 + len(data), 0)
            value = checksum(source + destination + struct.pack("!BBH", 0, 17, len(head) + len(data)) + head + data)
            yield delay, packet(source, destination, 17, head[:6] + struct.pack("!H", value) + data, rng.getrandbits(16),
                                source == client)


def conversation(rng, number):
    client = address(10, 20 + number // 60000 % 200, rng.randint(0, 40), rng.randint(1, 250))
    kind = rng.random()
    if kind < 0.15:
        return dns(rng, client, address(10, 1, 0, 53))
    which = (http, 80) if kind < 0.55 else (tls, 443) if kind < 0.85 else (smb, 445)
    server = address(10, 1, which[1] % 200, rng.randint(1, 8))
    return which[0](rng, Connection(rng, client, 1024 + number % 60000, server, which[1]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=400_000)
    parser.add_argument("-s", type=int, default=1)
    parser.add_argument("out")
    options = parser.parse_args()
    rng = random.Random(options.s)
    waiting, begun, written = [], 0, 0
    with open(options.out, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        # No more begin once enough is under way; those go on to their ends, so that nothing is cut off.
        while waiting or written < options.n:
            while len(waiting) < CONCURRENT and written < options.n:
                story = conversation(random.Random(rng.getrandbits(64)), begun)
                now = waiting[0][0] if waiting else 0
                delay, frame = next(story)
                heapq.heappush(waiting, (now + SLOWER * (delay + rng.randint(0, 5_000_000)), begun, frame, story))
                begun += 1
            now, number, frame, story = waiting[0]
            stamp = START_NS + now
            out.write(struct.pack("<IIII", stamp // 10**9, stamp % 10**9, len(frame), len(frame)) + frame)
            written += 1
            after = next(story, None)
            if after is None:
                heapq.heappop(waiting)
            else:
                heapq.heapreplace(waiting, (now + SLOWER * after[0], number, after[1], story))


if __name__ == "__main__":
    main()
