"""A server shows its default certificate for a new name, and clients leave."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(3):
        connection = cap.at(i).tcp_handshake("10.0.1.10", 41000 + i, "10.0.1.80", 443)
        connection.client(client_hello("shop.example.org")).server(server_flight(GOOD)).client(alert(42)).close("fin")
