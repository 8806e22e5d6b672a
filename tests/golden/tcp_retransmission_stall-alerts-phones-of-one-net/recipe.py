"""Three external clients of one net stop to acknowledge at once: more than a phone that went away."""
from wire import *

with Capture() as cap:
    for i in range(3):
        cap.at(1 + i)
        connection = cap.tcp_handshake(f"198.51.100.{7 + i}", 40001, "10.61.0.80", 443, rtt_ms=40)
        connection.client("a" * 300)
        begun = cap.seconds()
        for after in (0, 0.3, 0.9, 2.1, 4.5, 9.3):
            cap.at(begun + after)
            connection.from_server("PA", payload="x" * 700)
    cap.at(60).ping("10.60.0.1", "10.60.0.2")
