"""Three clients do not know the issuer and say so, each twice."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(6):
        connection = cap.at(i).tcp_handshake(f"10.0.1.{i % 3 + 10}", 41000 + i, "10.0.1.80", 443)
        connection.client(client_hello("www.example.com")).server(server_flight(GOOD)).client(alert(48)).close("fin")
