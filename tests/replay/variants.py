"""Capture files taken apart and put together again: cut at a length, or with bytes changed by a seeded hand."""
import random
import struct

CUTS = (0, 14, 34, 54, 64, 96, 128)
SHIFT_S = 17                      # between the variants of one capture, so that none is a duplicate of another
PCAP_MAGICS = {b"\xa1\xb2\xc3\xd4": ">", b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">", b"\x4d\x3c\xb2\xa1": "<"}
SECTION, ENHANCED = 0x0a0d0d0a, 6


def pcap_records(data, order):
    """(offset, header's offset of the data, captured length) of each whole record."""
    at = 24
    while at + 16 <= len(data):
        captured = struct.unpack_from(order + "I", data, at + 8)[0]
        if captured > len(data) - at - 16:
            return
        yield at, at + 16, captured
        at += 16 + captured


def pcap_variant(data, order, index, change):
    """The file with `change` applied to each packet's bytes; stamps moved by the variant's index."""
    out = [data[:24]]
    count = 0
    for at, begin, captured in pcap_records(data, order):
        seconds, fraction, _, wire = struct.unpack_from(order + "IIII", data, at)
        packet = change(data[begin:begin + captured])
        out.append(struct.pack(order + "IIII", (seconds + SHIFT_S * index) & 0xffffffff, fraction, len(packet), wire) + packet)
        count += 1
    return b"".join(out), count


def pcapng_blocks(data):
    """(byte order, type, block) of each whole block."""
    at, order = 0, "<"
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or size % 4 or size > len(data) - at:
            return
        yield order, kind, data[at:at + size]
        at += size


def pcapng_variant(data, change):
    """The same of pcapng: enhanced packet blocks are written anew without options, the rest stays."""
    out, count = [], 0
    for order, kind, block in pcapng_blocks(data):
        captured = struct.unpack_from(order + "I", block, 20)[0] if kind == ENHANCED and len(block) >= 32 else 0
        if kind != ENHANCED or captured > len(block) - 32:
            count += kind in (2, 3, ENHANCED)
            out.append(block)
            continue
        packet = change(block[28:28 + captured])
        body = block[8:20] + struct.pack(order + "I", len(packet)) + block[24:28] + packet + b"\0" * (-len(packet) % 4)
        out.append(struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12))
        count += 1
    return b"".join(out), count


def cut(length):
    return lambda packet: packet[:length]


def damage(rng, every):
    """Changes about one byte in `every` of them, most of all near the front, where headers are."""
    def change(packet):
        made = bytearray(packet)
        for _ in range(1 + len(made) // every):
            if made:
                at = rng.randrange(min(len(made), 128) if rng.random() < 0.8 else len(made))
                made[at] = rng.choice((0, 0xff, 1, 0x7f, 0x80, rng.randrange(256)))
        return bytes(made)
    return change


def variants(data, seed):
    """[(name, file's bytes, packets in it or None where its structure is damaged)]; [] for another format."""
    rng = random.Random(seed)
    changes = [(f"cut{length}", cut(length)) for length in CUTS] + [(f"damaged{i}", damage(rng, 200)) for i in range(2)]
    order = PCAP_MAGICS.get(data[:4])
    made = []
    for index, (name, change) in enumerate(changes, 1):
        if order:
            made.append((name, *pcap_variant(data, order, index, change)))
        elif data[:4] == b"\x0a\x0d\x0d\x0a":
            made.append((name, *pcapng_variant(data, change)))
    if made:
        broken = bytearray(data)
        for _ in range(8):
            broken[rng.randrange(24, len(broken)) if len(broken) > 24 else 0] = rng.randrange(256)
        made.append(("broken", bytes(broken[:rng.randrange(len(broken) // 2, len(broken)) + 1]), None))
    return made
