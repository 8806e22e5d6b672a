"""Pauses before the end that are something else: Nagle and delayed ACK, a lost tail resent after 200 ms, a header and a
body after the database's answer, a stream of events, and irregular stalls."""
from wire import *

with Capture() as cap:
    def download(port, end):
        cap.at(port)
        web = cap.tcp_handshake("10.60.0.5", 40000 + port, "10.61.0.80", 8000 + port, rtt_ms=0.8)
        for i in range(16):
            web.client(f"GET /part{i} HTTP/1.1\r\nHost: files\r\n\r\n")
            end(web, i)
            cap.wait(5)

    def nagle(web, i):
        for piece in range(9):
            web.from_server("A", payload=b"d" * 1460)
            web.server_next += 1460
        cap.wait(200)
        web.from_client("A")
        cap.wait(0.5)
        web.server("e" * 300)

    def lost_tail(web, i):
        web.server("d" * 14600)
        if i % 4 == 0:
            cap.wait(201)
        web.server("e" * 300)

    def think(web, i):
        web.server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        web.server("h" * 700)
        cap.wait(150)
        web.server("b" * 400)

    def events(web, i):
        for event in range(6):
            web.server("d" * 2000)
            cap.wait(150)

    def irregular(web, i):
        web.server("d" * 14600)
        cap.wait(cap.random.randrange(110, 900))
        web.server("e" * 300)

    for port, end in enumerate((nagle, lost_tail, think, events, irregular)):
        download(port, end)
