"""NTLM: two 407 answers on each connection, then the page."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(6):
        connection = cap.at(i).tcp_handshake("10.20.0.15", 41000 + i, "10.20.0.5", 8080)
        target = "http://www.example.org/"
        asked = answer(407, "Proxy Authentication Required", b"?", proxy_authenticate="NTLM")
        connection.client(request("GET", target, "www.example.org", "Browser/1")).server(asked)
        connection.client(request("GET", target, "www.example.org", "Browser/1", proxy_authorization="NTLM TlRM")).server(asked)
        connection.client(request("GET", target, "www.example.org", "Browser/1", proxy_authorization="NTLM TlRN")).server(answer(200, "OK", b"page"))
        connection.close("fin")
