"""Whose delay it is: a server, a client and a path with programmed delays, and the right one of three rules speaks.

The path is a relay of frames between the client's namespace and the cable, so that the handshake feels it too.
"""
import contextlib
import heapq
import os
import select
import socket
import threading
import time

from harness import SENSOR, command, expect, inside, until

CLIENT = "10.77.0.3"
RULES = ("app_slow_response", "client_slow", "network_rtt_dominates")
EXCHANGES = 24


class Relay:
    """Carries frames between two interfaces of the peer's namespace, each `delay` seconds late."""

    def __init__(self, stage, delay):
        self.delay, self.ends, self.waiting, self.over = delay, [], [], False
        with inside(stage.names["peer"]):
            for link in ("peer0", "relay0"):
                end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
                end.bind((link, 3))
                self.ends.append(end)
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()
        stage.closing.append(self.close)

    def carry(self):
        number = 0
        while not self.over:
            wait = max(0.0, min(0.05, self.waiting[0][0] - time.monotonic())) if self.waiting else 0.05
            for end in select.select(self.ends, [], [], wait)[0]:
                frame, (_, _, kind, _, _) = end.recvfrom(65536)
                if kind == socket.PACKET_OUTGOING:
                    continue
                number += 1
                other = self.ends[1 - self.ends.index(end)]
                heapq.heappush(self.waiting, (time.monotonic() + self.delay_of(frame), number, other, frame))
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, other, frame = heapq.heappop(self.waiting)
                with contextlib.suppress(OSError):
                    other.send(frame)

    def delay_of(self, _):
        return self.delay

    def close(self):
        self.over = True
        self.thread.join(2)
        for end in self.ends:
            end.close()


def client_behind(stage, delay, alone=True, relay=Relay):
    """A third namespace whose only way to the sensor is the relay; the peer then has no address, unless it is not alone."""
    name = f"wsl-client-{os.getpid()}"
    stage.names["client"] = name
    peer = stage.names["peer"]
    command("ip", "netns", "add", name)
    if alone:
        command("ip", "-n", peer, "addr", "flush", "dev", "peer0")
    command("ip", "-n", peer, "link", "add", "relay0", "type", "veth", "peer", "name", "client0", "netns", name)
    for space, link in ((peer, "relay0"), (name, "client0")):
        command("ip", "netns", "exec", space, "ethtool", "-K", link, "tx", "off", "gso", "off", "tso", "off", "gro", "off",
                check=False)
        command("ip", "-n", space, "link", "set", link, "up")
    command("ip", "-n", name, "addr", "add", f"{CLIENT}/24", "dev", "client0")
    return relay(stage, delay)


def serve(stage, port, delay):
    with inside(stage.names["sensor"]):
        listening = socket.create_server((SENSOR, port))
    stage.closing.append(listening.close)

    def answer():
        with contextlib.suppress(OSError):
            connection = listening.accept()[0]
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while connection.recv(4096):
                time.sleep(delay)
                connection.sendall(b"r" * 400)
    threading.Thread(target=answer, daemon=True).start()


def talk(stage, port, pause):
    with inside(stage.names["client"]):
        connection = socket.create_connection((SENSOR, port), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        for _ in range(EXCHANGES):
            connection.sendall(b"q" * 120)
            got = 0
            while got < 400:
                got += len(connection.recv(4096))
            time.sleep(pause)


def alerts_of(daemon):
    return {alert["rule"]["id"]: alert for alert in daemon.alerts() if alert["rule"]["id"] in RULES}


def plays(stage, rule, share, server=0.0, client=0.0, path=0.0):
    """Programmed delays in seconds, the path's as a round trip; `rule` speaks, the others stay silent."""
    client_behind(stage, path / 2)
    port = 8080
    serve(stage, port, server)
    daemon = stage.daemon(stage.config(http={"listen": "127.0.0.1:10470"}))
    talk(stage, port, client)
    # Sums leave every five seconds, connections are told every ten.
    said = until(lambda: alerts_of(daemon), 15 * stage.patience, f"an alert of {rule}")
    expect(set(said) == {rule}, f"{sorted(said)} spoke, not {rule} alone")
    evidence = said[rule]["wiresage"]["evidence"]
    programmed = {"server": server, "client": client, "network": path}
    wanted = programmed[share] / sum(programmed.values())
    found = evidence[f"{share}_share"]
    expect(abs(found - wanted) <= 0.1, f"{share}_share is {found}, programmed was {wanted:.2f}")
    return evidence


def test_the_server_is_slow(stage):
    evidence = plays(stage, "app_slow_response", "server", server=0.3, path=0.02)
    expect(290 <= evidence["response_ms"] <= 340, f"response_ms is {evidence['response_ms']}")


def test_the_client_is_slow(stage):
    evidence = plays(stage, "client_slow", "client", client=0.3, server=0.05, path=0.02)
    expect(290 <= evidence["think_ms"] <= 330, f"think_ms is {evidence['think_ms']}")


def test_the_path_is_long(stage):
    evidence = plays(stage, "network_rtt_dominates", "network", path=0.1, server=0.005)
    expect(95 <= evidence["handshake_rtt_ms"] <= 130, f"handshake_rtt_ms is {evidence['handshake_rtt_ms']}")
