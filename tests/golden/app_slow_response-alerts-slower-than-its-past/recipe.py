"""A web server answers within 10 to 20 ms for two minutes, then one answer in three takes 400 to 900 ms: three clients."""
from wire import *

with Capture() as cap:
    clients = [cap.tcp_handshake(f"10.60.0.{i}", 40000 + i, "10.61.0.80", 80, rtt_ms=0.4) for i in (1, 2, 3)]
    for round_ in range(90):
        for client in clients:
            cap.at(2 + round_ * 2 + cap.random.randrange(900) / 1000 * (clients.index(client) + 1) / 3)
            client.client("GET /item HTTP/1.1\r\nHost: shop\r\n\r\n")
            slow = round_ >= 60 and round_ % 3 == clients.index(client)
            cap.wait(cap.random.randrange(400, 900) if slow else cap.random.randrange(10, 20))
            client.server("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + "x" * 900)
