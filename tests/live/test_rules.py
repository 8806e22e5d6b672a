"""Each rule fires on real traffic and reaches a real receiver, signed, within 2 s of what decided it."""
import contextlib
import socket
import threading
import time

from frames import Wire
from harness import PEER, SENSOR, expect, inside, until
from receiver import Receiver

MOST_LAG_S = 2.0


class Scene:
    """A stage with the daemon and a receiver that asks for everything."""

    def __init__(self, stage):
        self.stage = stage
        self.receiver = Receiver(stage)
        self.daemon = stage.daemon(stage.config(alerting={"receivers": [self.receiver.entry()]}))

    def fires(self, rule, seconds=15, **ends):
        """The first alert of the rule that arrived, checked."""
        got = until(lambda: self.receiver.of(rule), seconds * self.stage.patience,
                    lambda: f"an alert of {rule}; there were {sorted({g.rule for g in self.receiver.got})}, "
                            f"undecodable: {self.receiver.broken[:1]}; log: {self.daemon.log()[-300:]}")[0]
        expect(got.signed, f"{rule}: the signature is wrong: {dict(got.headers)}")
        expect(got.fresh, f"{rule}: webhook-timestamp is {got.headers['webhook-timestamp']}")
        expect(got.lag < MOST_LAG_S * self.stage.patience, f"{rule}: arrived {got.lag:.2f} s after its time")
        for key, want in ends.items():
            side, field = key.split("_")
            found = got.document.get(side, {}).get(field)
            expect(found == want, f"{rule}: {side}.{field} is {found}, not {want}: {got.document['message']}")
        return got.document


def listener(stage, port, backlog=128, address=SENSOR):
    """A listening TCP socket of the sensor; connections complete, nobody accepts."""
    with inside(stage.names["sensor"]):
        listening = socket.create_server((address, port), backlog=backlog)
    stage.closing.append(listening.close)
    return listening


def server(stage, port):
    """A TCP server of the sensor that takes every connection and keeps it."""
    listening, kept = listener(stage, port), []

    def serve():
        with contextlib.suppress(OSError):
            while True:
                kept.append(listening.accept()[0])
    threading.Thread(target=serve, daemon=True).start()
    stage.closing.append(lambda: [connection.close() for connection in kept])
    return kept


def connects(stage, where, address, port, count, wait=0.0):
    """So many connects, started together and left alone; gives the sockets."""
    made = []
    with inside(stage.names[where]):
        for _ in range(count):
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.connect_ex((address, port))
            made.append(sock)
    stage.closing.append(lambda: [sock.close() for sock in made])
    if wait:
        time.sleep(wait)
    return made


def test_udp_flood(stage):
    scene = Scene(stage)
    with inside(stage.names["sensor"]):
        sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sink.bind((SENSOR, 5001))
    stage.closing.append(sink.close)
    stage.peer("hping3", "--udp", "-p", "5001", "-s", "6000", "-k", "-i", "u100", "-c", "30000", "-d", "64", "-q", SENSOR,
               check=False)
    document = scene.fires("udp_flood", source_ip=PEER, destination_ip=SENSOR)
    expect(document["wiresage"]["severity"] == "critical", "udp_flood is not critical")


def test_tcp_syn_flood(stage):
    scene = Scene(stage)
    server(stage, 80)
    stage.peer("timeout", "4", "hping3", "-S", "-p", "80", "-i", "u200", "--rand-source", "-q", SENSOR, check=False)
    scene.fires("tcp_syn_flood", destination_ip=SENSOR, destination_port=80)


def test_icmp_flood(stage):
    scene = Scene(stage)
    stage.sysctl("sensor", net__ipv4__icmp_echo_ignore_all=1)
    stage.peer("timeout", "4", "hping3", "--icmp", "-i", "u200", "-q", SENSOR, check=False)
    scene.fires("icmp_flood", destination_ip=SENSOR)


def test_port_scan(stage):
    scene = Scene(stage)
    stage.peer("nmap", "-sS", "-n", "-Pn", "-p", "1-1000", SENSOR)
    scene.fires("port_scan", source_ip=PEER, destination_ip=SENSOR)


def test_host_sweep(stage):
    scene = Scene(stage)
    stage.peer("nmap", "-sS", "-n", "-Pn", "-p", "445", "--max-retries", "0", "-T4", "10.78.0.0/24")
    scene.fires("host_sweep", source_ip=PEER)


def test_arp_scan(stage):
    scene = Scene(stage)
    stage.peer("nmap", "-sn", "-PR", "-n", "10.77.0.0/24")
    scene.fires("arp_scan", source_ip=PEER)


def test_arp_request_burst(stage):
    scene, wire = Scene(stage), Wire(stage)
    for last in range(100, 120):
        wire.arp(1, "02:00:0a:4d:00:05", "10.77.0.5", f"10.77.0.{last}")
    scene.fires("arp_request_burst", source_mac="02-00-0A-4D-00-05")


def test_arp_spoof(stage):
    """Two cards claim one address in turn."""
    scene, wire = Scene(stage), Wire(stage)
    for _ in range(5):
        for mac in ("02:00:0a:4d:00:09", "02:66:66:66:66:66"):
            wire.arp(2, mac, "10.77.0.9", SENSOR, "02:00:0a:4d:00:01", dst_mac="02:00:0a:4d:00:01")
            time.sleep(0.3)
    document = scene.fires("arp_spoof")
    expect(document["wiresage"]["entity"].startswith("10.77.0.9"), f"entity is {document['wiresage']['entity']}")


def test_tcp_connection_refused(stage):
    scene = Scene(stage)
    for _ in range(8):
        stage.peer("curl", "-s", "-m", "2", f"http://{SENSOR}:8079/", check=False)
    scene.fires("tcp_connection_refused", source_ip=SENSOR, source_port=8079)


def test_tcp_connect_timeout(stage):
    """The sensor asks a host that does not answer."""
    scene = Scene(stage)
    stage.silent("sensor", "10.77.0.50")
    stage.sensor("ping", "-c", "1", PEER)
    connects(stage, "sensor", "10.77.0.50", 8443, 6)
    scene.fires("tcp_connect_timeout", seconds=60, destination_ip="10.77.0.50", destination_port=8443)


def test_tcp_syn_received_no_reply(stage):
    """A server whose queue is full drops SYNs without a word, while another port answers."""
    scene = Scene(stage)
    server(stage, 80)
    stage.peer("curl", "-s", "-m", "1", f"http://{SENSOR}:80/", check=False)
    listener(stage, 8081, backlog=0)
    connects(stage, "peer", SENSOR, 8081, 1, wait=0.3)
    connects(stage, "peer", SENSOR, 8081, 8)
    scene.fires("tcp_syn_received_no_reply", seconds=60, source_ip=PEER, destination_port=8081)


def test_tcp_synack_unanswered(stage):
    """SYN-ACKs go to an address where nobody is."""
    scene = Scene(stage)
    server(stage, 8082)
    stage.silent("sensor", "10.77.0.60")
    stage.peer("curl", "-s", "-m", "1", f"http://{SENSOR}:8082/", check=False)
    stage.peer("hping3", "-S", "-a", "10.77.0.60", "-p", "8082", "-i", "u100000", "-c", "8", "-q", SENSOR, check=False)
    scene.fires("tcp_synack_unanswered", seconds=90, source_ip=SENSOR, source_port=8082)


def test_single_source_connection_limit(stage):
    """150 connections of one client work, then the server takes no more from it."""
    scene = Scene(stage)
    listening, kept = listener(stage, 8443, backlog=8), []
    for _ in range(150):
        connects(stage, "peer", SENSOR, 8443, 1)
        kept.append(listening.accept()[0])
    stage.closing.append(lambda: [connection.close() for connection in kept])
    connects(stage, "peer", SENSOR, 8443, 70)
    scene.fires("single_source_connection_limit", seconds=60, source_ip=PEER, destination_ip=SENSOR, destination_port=8443)
