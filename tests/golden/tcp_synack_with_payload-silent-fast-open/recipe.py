"""RFC 7413: the SYN asks for Fast Open, and carries data; the SYN-ACK may too. And a SYN-ACK that is only padded."""
from wire import *

with Capture() as cap:
    cap.tcp("10.60.0.5", 40001, "10.61.0.80", 443, "S", seq=1000, mss=1460, sack_ok=True,
            raw=bytes([34, 10]) + b"COOKIE!!", payload="GET / HTTP/1.0\r\n\r\n")
    cap.wait(10).tcp("10.61.0.80", 443, "10.60.0.5", 40001, "SA", seq=7000, ack=1019, mss=1460, payload="HTTP/1.0 200")
    cap.wait(0.1).tcp("10.60.0.5", 40001, "10.61.0.80", 443, "A", seq=1019, ack=7013)
    cap.at(2)
    connection = cap.connection("10.60.0.5", 40002, "10.61.0.80", 443).syn()
    connection.from_server("SA", mss=1460, pad=True)
    connection.server_next += 1
    connection.from_client("A", pad=True)
    connection.client("a").server("b").close()
