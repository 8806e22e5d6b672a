"""Eight SYNs of Linux 6.5 (1, 1, 1, 1, 1, 2, 4 s) are one attempt to a host that is starting, and then it answers."""
from wire import *

with Capture() as cap:
    cap.tcp_session("10.40.0.1", 41000, "10.41.0.81", 443, request="a", response="b")
    cap.at(1)
    connection = cap.connection("10.40.0.1", 42000, "10.41.0.80", 443)
    for gap in (1, 1, 1, 1, 1, 2, 4):
        connection.from_client("S", mss=1460, sack_ok=True, wscale=7)
        cap.wait(gap * 1000)
    connection.handshake().client("hello").server("world").close()
    cap.at(30).ping("10.40.0.1", "10.40.0.2")
