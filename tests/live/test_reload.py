"""SIGHUP and POST /-/reload change rules and receivers, and lose neither a packet nor a flow."""
import signal
import socket
import subprocess

from harness import SENSOR, expect, inside, until
from receiver import Receiver
from test_capture import accounted, baseline
from test_rules import server


def connection(stage, port):
    """A TCP connection from the peer to the sensor, kept open."""
    server(stage, port)
    with inside(stage.names["peer"]):
        sock = socket.create_connection((SENSOR, port), timeout=5)
    stage.closing.append(sock.close)
    return sock


def flow(daemon, port):
    """The flow of that connection as /api/v1/flows shows it."""
    flows = daemon.get(f"/api/v1/flows?address={SENSOR}&limit=1000")["flows"]
    return next((entry for entry in flows if entry["dport"] == port), None)


def reloads(daemon):
    return daemon.metric("wiresage_config_reloads_total")


def test_rules_and_receivers_change(stage):
    first, second = Receiver(stage, 9900), Receiver(stage, 9901)
    daemon = stage.daemon(stage.config(rules={"port_scan": {"enabled": False}}, alerting={"receivers": [first.entry("first")]}))
    stage.peer("nmap", "-sS", "-n", "-Pn", "-p", "1-400", SENSOR)
    daemon.write(stage.config(alerting={"receivers": [second.entry("second")]}))
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: reloads(daemon) >= 1, 10, lambda: f"the reload; log: {daemon.log()[-300:]}")
    expect(daemon.metric("wiresage_config_last_reload_successful") == 1, f"the reload was refused: {daemon.log()[-400:]}")
    stage.peer("nmap", "-sS", "-n", "-Pn", "-p", "1-400", SENSOR)
    until(lambda: second.of("port_scan"), 15 * stage.patience, "the alert at the new receiver")
    expect(not first.of("port_scan"), "the removed receiver was told of port_scan")


def test_a_bad_configuration_is_refused_and_the_old_one_stays(stage):
    daemon = stage.daemon()
    good = daemon.config
    daemon.config_path.write_text("rules:\n  port_scan: {portz: 3}\nhttp: {listen: nowhere}\n", encoding="utf-8")
    status, text = daemon.request("POST", "/-/reload")
    expect(status >= 400, f"POST /-/reload of a bad configuration: status {status}")
    expect("portz" in text and "listen" in text, f"not every error is named: {text[:400]}")
    expect(daemon.metric("wiresage_config_last_reload_successful") == 0, "wiresage_config_last_reload_successful is not 0")
    daemon.write(good)
    expect(daemon.request("POST", "/-/reload")[0] == 200, "POST /-/reload of the good one")
    expect(daemon.metric("wiresage_config_last_reload_successful") == 1, "wiresage_config_last_reload_successful is not 1")


def test_no_packet_and_no_flow_is_lost(stage):
    daemon = stage.daemon()
    sock = connection(stage, 7000)
    sock.sendall(b"before")
    before = until(lambda: flow(daemon, 7000), 10, "the flow in /api/v1/flows")
    base = baseline(stage, daemon)
    frames, rate = (100_000, 20_000) if stage.slow else (1_000_000, 200_000)
    sending = stage.start("peer", stage.sender(), "peer0", frames, 60, 1000, rate, stdout=subprocess.DEVNULL)
    config = stage.config(rules={"port_scan": {"enabled": False}})
    for number in range(10):
        daemon.write({**config, "alerting": {"resolve_after": f"{60 + number}s"}})
        if number % 2:
            daemon.process.send_signal(signal.SIGHUP)
            until(lambda done=number: reloads(daemon) > done, 10, "the reload")
        else:
            expect(daemon.request("POST", "/-/reload")[0] == 200, "POST /-/reload")
    sending.wait(60)
    sock.sendall(b"after")
    drops = accounted(stage, daemon, base)
    expect(sum(drops.values()) == 0, f"lost during reloads: {drops}")
    after = flow(daemon, 7000)
    expect(after and after["start"] == before["start"], f"the flow began {before['start']}, now {after}")
