"""Receivers: signed and retried under one id; a dead one delays nobody and makes at most one alert about itself."""
import subprocess

import hostile
from frames import Wire
from harness import PEER, SENSOR, expect, until
from receiver import Receiver, hanging, new_secret
from test_journal import scan_from, source


def scan(stage):
    stage.peer("nmap", "-sS", "-n", "-Pn", "-p", "1-400", SENSOR)


def test_a_failing_receiver_is_tried_again_under_the_same_id(stage):
    receiver = Receiver(stage, status=503)
    stage.daemon(stage.config(alerting={"receivers": [receiver.entry()]}))
    scan(stage)
    until(lambda: receiver.tries >= 2, 20 * stage.patience, "a second try")
    receiver.status = 204
    got = until(lambda: receiver.of("port_scan"), 20 * stage.patience, "the alert, once the receiver works")[0]
    expect(got.signed, "the signature is wrong")
    ids = [got.headers["webhook-id"] for got in receiver.got]
    expect(len(ids) == len(set(ids)), f"a document came twice: {ids}")


def test_slow_receivers_delay_nobody(stage):
    good, (secret, _) = Receiver(stage), new_secret(stage)
    hung = {"name": "hung", "type": "webhook", "url": hanging(stage, 9901), "secret_file": str(secret),
            "match": {"urgency": ["page", "ticket", "note"]}}
    stage.daemon(stage.config(alerting={"receivers": [hung, good.entry()]}))
    scan(stage)
    got = until(lambda: good.of("port_scan"), 15 * stage.patience, "the alert at the good receiver")[0]
    expect(got.lag < 2 * stage.patience, f"it came {got.lag:.2f} s after its time")


def test_a_dead_receiver_makes_at_most_one_alert_about_itself(stage):
    """The receiver's address is silent, on the very link that is captured."""
    good, (secret, _) = Receiver(stage), new_secret(stage)
    stage.silent("sensor", "10.77.0.70")
    dead = {"name": "dead", "type": "webhook", "url": "http://10.77.0.70:9900/hook", "secret_file": str(secret), "timeout": "1s",
            "match": {"urgency": ["page", "ticket", "note"]}}
    daemon = stage.daemon(stage.config(alerting={"receivers": [dead, good.entry()]}))
    stage.sensor("ping", "-c", "1", PEER)
    scan(stage)
    until(lambda: good.of("port_scan"), 15 * stage.patience, "the alert at the good receiver")
    until(lambda: daemon.metric("wiresage_delivery_failures_total", receiver="dead") >= 5, 60, "five failed tries")
    about = {alert["event"]["id"] for alert in daemon.alerts() if "10.77.0.70" in str(alert)}
    expect(len(about) <= 1, f"{len(about)} alerts about the dead receiver: {about}")
    expect(daemon.metric("wiresage_receiver_failing", receiver="dead") == 1, "wiresage_receiver_failing is not 1")
    expect(daemon.stop()[0] == 0, "exit status after SIGTERM")


def p99(stage, wire, good, first, count=100):
    """Of the lag of so many alerts, one after the other."""
    for number in range(first, first + count):
        scan_from(wire, source(number))
        until(lambda: any(got.document["source"]["ip"] == source(number) for got in good.of("port_scan")), 15 * stage.patience,  # noqa: B023
              "the alert at the healthy receiver")
    wanted = {source(number) for number in range(first, first + count)}
    return sorted(got.lag for got in good.of("port_scan") if got.document["source"]["ip"] in wanted)[-2]


def test_hostile_receivers_delay_no_healthy_one(stage):
    good, everything = Receiver(stage), {"urgency": ["page", "ticket", "note"]}
    receivers = [{"name": kind.__name__, "type": "webhook", "url": hostile.hostile(stage, 9910 + i, kind), "timeout": "2s", "match": everything}
                 for i, kind in enumerate(hostile.ALL)]
    daemon, wire = stage.daemon(stage.config(alerting={"receivers": [good.entry("good")]})), Wire(stage)
    stage.start("peer", "ping", "-q", "-i", "0.02", SENSOR, stdout=subprocess.DEVNULL)  # On a silent wire verdicts wait for the heartbeat.
    alone = p99(stage, wire, good, 0)
    daemon.write(stage.config(alerting={"receivers": [*receivers, good.entry("good")]}))
    status, text = daemon.request("POST", "/-/reload")
    expect(status < 300, f"reload: {text}")
    among = p99(stage, wire, good, 100)
    print(f"      p99 of the lag: {alone * 1e3:.0f} ms alone, {among * 1e3:.0f} ms among hostile ones")
    expect(among <= 0.25 * stage.patience, f"p99 of the lag is {among:.3f} s")
    expect(among <= max(1.5 * alone, 0.05) or stage.slow, f"p99 of the lag is {among:.3f} s, {alone:.3f} s alone")
    failed = {row["name"]: row["failed"] for row in daemon.get("/api/v1/status")["receivers"]}
    expect(all(failed[kind.__name__] > 0 for kind in hostile.ALL), f"failures: {failed}")
    expect(daemon.metric("wiresage_deliveries_total") == daemon.metric("wiresage_deliveries_total", receiver="good"),
           "a hostile receiver's answer counts as delivered")
