"""A mail server asks each of its clients for its ident, which nobody runs."""
from wire import *

with Capture() as cap:
    for i in range(10):
        cap.at(1 + i).tcp_refused("10.50.0.25", 42000 + i, "10.50.0.7", 113)
        cap.wait(5).tcp_session("10.50.0.7", 45000 + i, "10.50.0.25", 25, request="EHLO a\r\n", response="250 b\r\n")
