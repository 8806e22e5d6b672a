"""Messages of applications as bytes, for recipes: HTTP, DNS, TLS.

The certificates are test ones of a test authority, made once: valid 2020 to 2040, and one that ended on 2023-11-11, three
days before the captures begin (wire.BASE).
"""
import base64
import ipaddress
import struct

A, AAAA, NO_ERROR, SERVFAIL, NXDOMAIN, REFUSED = 1, 28, 0, 2, 3, 5


# HTTP/1 (RFC 9112).

def request(method, target, host=None, agent=None, body=b"", **fields):
    lines = [f"{method} {target} HTTP/1.1"] + ([f"Host: {host}"] if host else []) + ([f"User-Agent: {agent}"] if agent else [])
    return head(lines, body, fields)


def answer(status, reason="", body=b"", **fields):
    return head([f"HTTP/1.1 {status} {reason}"], body, {"content_length": len(body), **fields})


def head(lines, body, fields):
    lines = lines + [f"{name.replace('_', '-').title()}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


# DNS (RFC 1035).

def dns_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def dns_query(number, name, kind=A):
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + dns_name(name) + struct.pack("!HH", kind, 1)


def dns_answer(number, name, kind=A, addresses=(), rcode=NO_ERROR, ttl=300):
    records = b""
    for address in addresses:
        raw = ipaddress.ip_address(address).packed
        records += b"\xc0\x0c" + struct.pack("!HHIH", A if len(raw) == 4 else AAAA, 1, ttl, len(raw)) + raw
    return (struct.pack("!HHHHHH", number, 0x8180 | rcode, 1, len(addresses), 0, 0) + dns_name(name)
            + struct.pack("!HH", kind, 1) + records)


def dns_exchange(cap, client, port, server, name, kind=A, took_ms=1.0, **given):
    """A query and its answer."""
    cap.udp(client, port, server, 53, dns_query(port, name, kind))
    cap.wait(took_ms).udp(server, 53, client, port, dns_answer(port, name, kind, **given))


# TLS (RFC 5246, RFC 8446).

def record(kind, body, version=0x0301):
    return struct.pack("!BHH", kind, version, len(body)) + body


def message(kind, body):
    return struct.pack("!B", kind) + len(body).to_bytes(3, "big") + body


def extension(kind, body):
    return struct.pack("!HH", kind, len(body)) + body


def client_hello(name=None, version=0x0303, versions=()):
    extensions = b""
    if name:
        extensions += extension(0, struct.pack("!HBH", len(name) + 3, 0, len(name)) + name.encode())
    if versions:
        extensions += extension(43, bytes([2 * len(versions)]) + b"".join(struct.pack("!H", v) for v in versions))
    body = (struct.pack("!H", version) + bytes(range(32)) + b"\0" + struct.pack("!HHH", 4, 0xc02f, 0x002f) + b"\1\0"
            + struct.pack("!H", len(extensions)) + extensions)
    return record(22, message(1, body))


def server_flight(certificate, version=0x0303, cipher=0xc02f):
    """ServerHello, Certificate, ServerHelloDone."""
    hello = struct.pack("!H", version) + bytes(range(32, 64)) + b"\0" + struct.pack("!HB", cipher, 0)
    chain = len(certificate).to_bytes(3, "big") + certificate
    return record(22, message(2, hello) + message(11, len(chain).to_bytes(3, "big") + chain) + message(14, b""), version)


def client_finish(version=0x0303):
    """ClientKeyExchange, ChangeCipherSpec, Finished (which is encrypted)."""
    return record(22, message(16, bytes(66)), version) + record(20, b"\1", version) + record(22, bytes(40), version)


def server_finish(version=0x0303):
    return record(20, b"\1", version) + record(22, bytes(40), version)


def alert(description, level=2, version=0x0303):
    return record(21, bytes([level, description]), version)


WILDCARD = base64.b64decode(
    "MIIBfDCCASKgAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5FeGFtcGxlIFN1YiBDQTAeFw0yMDAxMDEwMDAwMDBaFw00"
    "MDAxMDEwMDAwMDBaMBgxFjAUBgNVBAMMDSouZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ7VYqcopwE/SV6"
    "RLo3NUFOF4E59ZjkWIfFcB/89DB8C8z7oAEBac0Gg3IPgMkID0NPvDLn3/eX9r6qSnIqwS9Xo1wwWjAYBgNVHREEETAPgg0qLmV4"
    "YW1wbGUuY29tMB0GA1UdDgQWBBRqJa/92+A7v14HtJBB1H+6h9XbPzAfBgNVHSMEGDAWgBQag1H1V7KeAyFk/mWoFR64HOLglTAK"
    "BggqhkjOPQQDAgNIADBFAiEAnXUGbS9AOzitgk9g0izIgj/Z8B2ZM/LRpzZqR+aQ0uICIBsryMDl/6VMHWQJsmoXGhh1tj3cEkq4"
    "8wIWvc40CT7g")
GOOD = base64.b64decode(
    "MIIBjTCCATOgAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5FeGFtcGxlIFN1YiBDQTAeFw0yMDAxMDEwMDAwMDBaFw00"
    "MDAxMDEwMDAwMDBaMBoxGDAWBgNVBAMMD3d3dy5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMj0OuWBbtB7"
    "J7fUrAu9od/W9nEV+Jb1dY6/+LihyFGwpjuZI5wswpxto1JvEhybL/ddwc34SSA0Pp8MkVEEwiqjazBpMCcGA1UdEQQgMB6CD3d3"
    "dy5leGFtcGxlLmNvbYILZXhhbXBsZS5jb20wHQYDVR0OBBYEFBJYDz54nwY7BETpEq0yS4/DDvphMB8GA1UdIwQYMBaAFBqDUfVX"
    "sp4DIWT+ZagVHrgc4uCVMAoGCCqGSM49BAMCA0gAMEUCIDRQ3AzM4WInYxV7D/IbUO+25f4BbZ2oy08NbzBg9Y/jAiEAuRC57Fbb"
    "gcdpxUF44Jb9vFWHgsvXMQ0HJ2mCS529aDU=")
EXPIRED = base64.b64decode(
    "MIIBgTCCASagAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5FeGFtcGxlIFN1YiBDQTAeFw0yMDAxMDEwMDAwMDBaFw0y"
    "MzExMTEwMDAwMDBaMBoxGDAWBgNVBAMMD3d3dy5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJGtPuaquobE"
    "WNn7O+vmSM3Dk3Mywaj3N4zIacM7dYR/uQmiKR2KE2h+zJy/AM7v0MM1OSDpjlNFXlxN+mEEF7SjXjBcMBoGA1UdEQQTMBGCD3d3"
    "dy5leGFtcGxlLmNvbTAdBgNVHQ4EFgQUHcl0ocd75ATWZ614G/NQVCeZGUowHwYDVR0jBBgwFoAUGoNR9VeyngMhZP5lqBUeuBzi"
    "4JUwCgYIKoZIzj0EAwIDSQAwRgIhAMBeshf1w4wapWgcq6kVRmkkJBWhRXuEwa8xY3ubdU6zAiEAvVvfk/VFsLexggb/uq/9uB+H"
    "WuhLNAS3VdwNMS6iJJ0=")
