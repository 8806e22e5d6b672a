"""A squid that let a target through until now denies it."""
from application import *
from wire import *

with Capture() as cap:
    connection = cap.tcp_handshake("10.20.0.15", 40000, "10.20.0.5", 3128)
    connection.client(request("CONNECT", "updates.example.org:443", "updates.example.org:443")).server(b"HTTP/1.1 200 Connection established\r\n\r\n")
    connection.close("fin")
    for i in range(4):
        cap.at(10 + i).tcp_session(f"10.20.0.{i + 15}", 41000 + i, "10.20.0.5", 3128,
                                   request=request("CONNECT", "updates.example.org:443", "updates.example.org:443"),
                                   response=answer(403, "Forbidden", b"no", x_squid_error="ERR_ACCESS_DENIED 0"))
