"""A health check over loopback, which a filter delays now and then by some seconds, while a remote client is served."""
from wire import *

with Capture(link="sll2", interfaces=("lo", "eth0")) as cap:
    def exchange(connection, wait):
        connection.client("PING" * 10)
        cap.wait(wait)
        connection.server("PONG" * 10)

    local = cap.tcp_handshake("192.168.7.10", 40000, "192.168.7.10", 6379, rtt_ms=0.05)
    cap.interface = 1
    remote = cap.tcp_handshake("192.168.7.77", 41000, "192.168.7.10", 6379, rtt_ms=0.4)
    for i in range(24):
        cap.at(1 + 2.7 * i)
        cap.interface = 1
        exchange(remote, 1.5)
        cap.interface = 0
        exchange(local, 700 + 311 * i % 900 if 12 <= i < 17 else 1)
