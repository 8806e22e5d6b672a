"""The service is slow for everybody, local and remote: not the loopback. Quick before."""
from wire import *

with Capture(link="sll2", interfaces=("lo", "eth0")) as cap:
    def exchange(connection, wait):
        connection.client("PING" * 10)
        cap.wait(wait)
        connection.server("PONG" * 10)

    local = cap.tcp_handshake("127.0.0.1", 40000, "127.0.0.1", 8080, rtt_ms=0.05)
    both = cap.tcp_handshake("192.168.7.10", 40002, "192.168.7.10", 6379, rtt_ms=0.05)
    cap.interface = 1
    remote = cap.tcp_handshake("192.168.7.77", 41000, "192.168.7.10", 6379, rtt_ms=0.4)
    for i in range(24):
        cap.at(1 + 2.7 * i)
        slow = 640 + 37 * i if 12 <= i < 17 else 1
        cap.interface = 1
        exchange(remote, slow)
        cap.interface = 0
        exchange(both, slow)
        exchange(local, 12 + i)
