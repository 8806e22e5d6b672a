"""A segment of the server was not captured, though the client acknowledges it; and a hole that SACK shows to be ours."""
from wire import *

with Capture() as cap:
    one = cap.tcp_handshake("10.60.0.5", 40001, "10.61.0.80", 8081)
    one.client("h" * 285)
    one.server_next += 2580
    cap.wait(2)
    one.from_client("A")
    one.close()
