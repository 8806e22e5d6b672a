"""A proxy damages gzip: every other body breaks in its middle. One comes in chunks."""
import gzip
import random

from application import *
from wire import *

with Capture() as cap:
    for i in range(6):
        body = gzip.compress(bytes(random.Random(i).choices(range(64), k=6000)), mtime=0)
        if i % 2:
            body = body[:1500] + bytes(b ^ 0x55 for b in body[1500:1600]) + body[1600:]
        if i == 5:
            chunks = b"%x\r\n" % 1000 + body[:1000] + b"\r\n%x\r\n" % len(body[1000:]) + body[1000:] + b"\r\n0\r\n\r\n"
            whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n" + chunks
        else:
            whole = answer(200, "OK", body, content_encoding="gzip")
        cap.at(i).tcp_session("10.1.2.3", 41000 + i, "10.1.1.1", 80, request=request("GET", f"/docs/{i}.pdf", "docs.example.com"), response=whole)
