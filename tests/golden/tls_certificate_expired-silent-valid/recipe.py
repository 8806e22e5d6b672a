"""A certificate with years to go, over TLS 1.2; and TLS 1.3, which shows none."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(4):
        connection = cap.at(i).tcp_handshake("10.0.1.10", 41000 + i, "10.0.1.80", 443)
        connection.client(client_hello("www.example.com")).server(server_flight(GOOD)).client(client_finish()).server(server_finish()).close("fin")
