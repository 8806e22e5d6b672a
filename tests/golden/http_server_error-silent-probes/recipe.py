"""Probes that are told "not yet" while a service starts, and a few errors among thousands of answers."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(20):
        cap.at(i).tcp_session("10.50.0.9", 40000 + i, "10.51.0.81", 8080, request=request("GET", "/readyz", "10.51.0.81", "kube-probe/1.28"),
                              response=answer(503, "Service Unavailable"))
    connection = cap.at(1).tcp_handshake("10.50.0.1", 41000, "10.51.0.80", 80)
    for i in range(300):
        status = (500, "Oops") if i % 50 == 49 else (200, "OK")
        connection.client(request("GET", f"/{i}", "shop.example.com")).server(answer(*status, body=b"x" * 100))
    connection.close("fin")
