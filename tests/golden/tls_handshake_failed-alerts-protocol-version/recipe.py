"""A server that was told to speak TLS 1.3 only turns old clients away; others are served."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(12):
        connection = cap.at(i).tcp_handshake(f"10.0.1.{i % 4 + 10}", 41000 + i, "10.0.1.80", 443)
        connection.client(client_hello("www.example.com"))
        if i % 4 == 3:
            connection.server(server_flight(GOOD)).client(client_finish()).server(server_finish()).close("fin")
        else:
            connection.server(alert(70)).close("server_rst")
