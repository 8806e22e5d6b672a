"""Records say 1.0 before the version is chosen (RFC 8446, 5.1); the handshakes are of 1.2."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(3):
        connection = cap.at(i).tcp_handshake("10.0.1.10", 41000 + i, "10.0.1.80", 443)
        connection.client(client_hello("www.example.com", versions=(0x0a0a, 0x0303, 0x0302))).server(server_flight(GOOD))
        connection.client(client_finish()).server(server_finish()).close("fin")
