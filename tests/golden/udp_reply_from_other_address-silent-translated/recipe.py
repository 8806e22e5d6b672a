"""A Kubernetes node on `any` (cooked): each query to the service's address and, translated, to the pod; each answer from
the pod and then from the service."""
from wire import *

with Capture(link="sll") as cap:
    for i in range(30):
        query = struct.pack("!H", 2000 + i) + b"q" * 28
        cap.at(i * 0.3).udp("10.244.1.18", 41000 + i, "10.96.0.10", 53, query, id=i + 1)
        cap.wait(0.05).udp("10.244.1.18", 41000 + i, "10.244.2.5", 53, query, id=i + 1)
        cap.wait(1.2).udp("10.244.2.5", 53, "10.244.1.18", 41000 + i, query + b"a" * 20, id=500 + i)
        cap.wait(0.05).udp("10.96.0.10", 53, "10.244.1.18", 41000 + i, query + b"a" * 20, id=500 + i)
