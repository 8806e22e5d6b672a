"""A load balancer's director with direct return: SYN, ACK and request pass it, the server's answers do not."""
from wire import *

with Capture() as cap:
    for i in range(500):
        cap.at(i * 0.005)
        isn = cap.random.getrandbits(32)
        client = f"203.0.113.{i % 250 + 1}"
        cap.tcp(client, 20000 + i, "10.24.0.1", 443, "S", seq=isn, mss=1460, sack_ok=True, wscale=7)
        cap.wait(30).tcp(client, 20000 + i, "10.24.0.1", 443, "A", seq=isn + 1, ack=77)
        cap.wait(0.1).tcp(client, 20000 + i, "10.24.0.1", 443, "PA", seq=isn + 1, ack=77, payload="hello")
