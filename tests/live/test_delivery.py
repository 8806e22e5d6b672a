"""Receivers: signed and retried under one id; a dead one delays nobody and makes at most one alert about itself."""
from harness import PEER, SENSOR, expect, until
from receiver import Receiver, hanging, new_secret


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
