"""A load balancer checks a server every second: SYN, SYN-ACK, RST."""
from wire import *

with Capture() as cap:
    for i in range(30):
        cap.at(1 + i)
        connection = cap.connection("10.60.0.5", 41000 + i, "10.61.0.80", 443).syn()
        cap.wait(1)
        connection.synack()
        cap.wait(0.05)
        connection.from_client("R", ack=0)
