"""The client's ACK and the server's greeting were not captured: the next ACK covers 21 bytes, and the server goes on.
And the answer to a SYN of an older connection (a challenge ACK)."""
from wire import *

with Capture() as cap:
    connection = cap.connection("10.60.0.5", 40001, "10.61.0.22", 22).syn()
    cap.wait(1)
    connection.synack()
    connection.server_next += 21
    cap.wait(1)
    connection.from_client("A")
    connection.client("SSH-2.0-client\r\n").server("x" * 500).close()
    cap.at(5).tcp("10.60.0.5", 40002, "10.61.0.22", 22, "S", seq=5000, mss=1460)
    cap.wait(1).tcp("10.61.0.22", 22, "10.60.0.5", 40002, "A", seq=777_000, ack=123_456)
    cap.wait(1).tcp("10.60.0.5", 40002, "10.61.0.22", 22, "R", seq=123_456)
    cap.at(6.1)
    again = cap.connection("10.60.0.5", 40002, "10.61.0.22", 22, client_isn=5000).handshake()
    again.client("a").server("b").close()
