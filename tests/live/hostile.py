"""Receivers that mean no good: each takes requests and answers in its own way, for ever."""
import contextlib
import socket
import threading
import time

from harness import inside


def _request(connection):
    """Reads one request, head and body, roughly."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0)
    while len(body) < length:
        part = connection.recv(65536)
        if not part:
            return
        body += part


def silent(_):
    time.sleep(3600)


def slow_headers(connection):
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000:
        connection.send(bytes([byte]))
        time.sleep(0.2)


def endless_body(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def garbage(connection):
    connection.sendall(bytes(range(256)) * 16)


def redirect(connection):
    connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /hook\r\nContent-Length: 0\r\n\r\n")


def huge_header(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-A: " + b"x" * (4 << 20) + b"\r\nContent-Length: 0\r\n\r\n")


def half_a_body(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def error(connection):
    connection.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")


ALL = (silent, slow_headers, endless_body, garbage, redirect, huge_header, half_a_body, error)


def hostile(stage, port, answer):
    """Starts one in the sensor's namespace; gives its address."""
    with inside(stage.names["sensor"]):
        listening = socket.create_server(("127.0.0.1", port), backlog=64)

    def one(connection):
        with contextlib.suppress(OSError), connection:
            _request(connection)
            answer(connection)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    stage.closing.append(listening.close)
    return f"http://127.0.0.1:{port}/hook"
