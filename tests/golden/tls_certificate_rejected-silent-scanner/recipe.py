"""A scanner and a monitor look at the certificate and leave, once each; a browser cancels one of many connections."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(8):
        connection = cap.at(i).tcp_handshake("10.0.1.10", 41000 + i, "10.0.1.80", 443)
        connection.client(client_hello("www.example.com")).server(server_flight(GOOD))
        if i in (5, 6):
            connection.close("fin")
            continue
        connection.client(client_finish()).server(server_finish()).close("fin")
    for i in range(4):
        connection = cap.at(20 + i).tcp_handshake(f"198.51.100.{i}", 42000, "10.0.1.80", 443)
        connection.client(client_hello()).server(server_flight(WILDCARD)).close("rst")
