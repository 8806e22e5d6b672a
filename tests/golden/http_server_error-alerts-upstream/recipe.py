"""A gateway loses one of its upstreams: a third of its answers are 502."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(30):
        status = (502, "Bad Gateway") if i >= 10 and i % 3 == 0 else (200, "OK")
        cap.at(i).tcp_session(f"10.50.0.{i % 4 + 1}", 41000 + i, "10.51.0.80", 80, request=request("GET", f"/cart/{i}", "shop.example.com"),
                              response=answer(*status, body=b"x" * 300))
