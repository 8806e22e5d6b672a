"""TCP_DEFER_ACCEPT: the client's bare ACK is ignored and the SYN-ACK repeated until there is data."""
from wire import *

with Capture() as cap:
    for i in range(5):
        cap.at(1 + i * 0.3)
        connection = cap.connection(f"10.60.0.{i + 1}", 41000 + i, "10.61.0.80", 443).syn()
        begun = cap.seconds()
        isn = connection.server_next
        for after in (0.001, 1, 3):
            connection.server_next = isn
            cap.at(begun + after)
            connection.synack()
            cap.wait(0.1)
            connection.from_client("A")
        cap.wait(500)
        connection.client("hello").server("world").close()
