"""One client from outside goes away in the middle of its handshake; others are served."""
from wire import *

with Capture() as cap:
    for i in range(10):
        cap.at(i).tcp_session(f"198.51.100.{i + 1}", 40000, "10.61.0.80", 443, request="a", response="b")
    cap.at(4.5)
    connection = cap.connection("198.51.100.77", 41000, "10.61.0.80", 443).syn()
    for after in (4.501, 5.5, 7.5):
        cap.at(after)
        connection.from_server("SA", mss=1460, wscale=7, sack_ok=True)
    cap.at(30).ping("10.60.0.1", "10.60.0.2")
