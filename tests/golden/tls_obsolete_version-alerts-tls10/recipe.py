"""A server that chooses TLS 1.0 of a client that offers 1.2, in a VLAN."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(3):
        connection = cap.at(i).tcp_handshake("10.0.1.10", 41000 + i, "10.0.1.80", 443, vlan=[12])
        connection.client(client_hello("www.example.com")).server(server_flight(GOOD, version=0x0301, cipher=0x002f))
        connection.client(client_finish(0x0301)).server(server_finish(0x0301)).close("fin")
