"""A snap length of 60 bytes cuts off the option that asks for Fast Open (RFC 7413)."""
from wire import *

with Capture(snaplen=60) as cap:
    cap.tcp("10.60.0.5", 40001, "10.61.0.80", 443, "S", seq=1000, mss=1460, sack_ok=True, raw=bytes([34, 10]) + b"COOKIE!!",
            payload="GET / HTTP/1.0\r\n\r\n")
    cap.wait(10).tcp("10.61.0.80", 443, "10.60.0.5", 40001, "SA", seq=7000, ack=1019, mss=1460, payload="HTTP/1.0 200")
    cap.wait(0.1).tcp("10.60.0.5", 40001, "10.61.0.80", 443, "A", seq=1019, ack=7013)
