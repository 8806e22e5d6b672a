"""A wildcard matches one label; a name is compared without regard to case."""
from application import *
from wire import *

with Capture() as cap:
    for i, (name, shown) in enumerate([("a.example.com", WILDCARD), ("WWW.Example.com", GOOD), ("example.com", GOOD), (None, GOOD)]):
        connection = cap.at(i).tcp_handshake("10.0.1.10", 41000 + i, "10.0.1.80", 443)
        connection.client(client_hello(name)).server(server_flight(shown)).client(client_finish()).server(server_finish()).close("fin")
