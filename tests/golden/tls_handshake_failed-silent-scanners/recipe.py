"""Scanners leave after the hello, each once; a balancer checks the port without a word; few of many fail."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(12):
        connection = cap.at(i).tcp_handshake(f"198.51.100.{i}", 41000 + i, "10.0.1.80", 443)
        connection.client(client_hello()).close("rst")
        cap.at(i + 0.5).tcp_session("10.0.1.9", 42000 + i, "10.0.1.80", 443, close="rst")
