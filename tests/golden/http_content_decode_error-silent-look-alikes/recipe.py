"""HEAD, a range, an empty body, two members, bare deflate, a reset in the middle: nothing is wrong with compression."""
import gzip
import zlib

from application import *
from wire import *

text = bytes((j * 13 + j // 5) % 241 for j in range(6000))
whole = gzip.compress(text, mtime=0)
bare = zlib.compressobj(wbits=-15)
cases = [("HEAD", answer(200, "OK", b"", content_encoding="gzip", content_length=len(whole))),
         ("GET", answer(206, "Partial", whole[100:900], content_encoding="gzip", content_range=f"bytes 100-899/{len(whole)}")),
         ("GET", answer(200, "OK", b"", content_encoding="gzip")),
         ("GET", answer(304, "Not Modified", b"", content_encoding="gzip", content_length=None)),
         ("GET", answer(200, "OK", whole + whole, content_encoding="gzip")),
         ("GET", answer(200, "OK", zlib.compress(text), content_encoding="deflate")),
         ("GET", answer(200, "OK", bare.compress(text) + bare.flush(), content_encoding="deflate")),
         ("GET", answer(200, "OK", text, content_encoding="br"))]
with Capture() as cap:
    for i, (method, given) in enumerate(cases):
        cap.at(i).tcp_session("10.1.2.3", 41000 + i, "10.1.1.1", 80, request=request(method, f"/{i}", "docs.example.com"), response=given)
    connection = cap.at(20).tcp_handshake("10.1.2.3", 42000, "10.1.1.1", 80)
    connection.client(request("GET", "/broken-off", "docs.example.com")).server(answer(200, "OK", whole, content_encoding="gzip")[:900])
    connection.close("server_rst")
