"""A certificate that ended three days ago, at a server of ours; one client minds."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(4):
        connection = cap.at(i).tcp_handshake(f"10.0.1.{i + 10}", 41000 + i, "10.0.1.80", 443)
        connection.client(client_hello("www.example.com")).server(server_flight(EXPIRED))
        if i == 1:
            connection.client(alert(45)).close("fin")
        else:
            connection.client(client_finish()).server(server_finish()).close("fin")
