"""Debian's Alertmanagers in a cluster and its Prometheus: one notification for what both members are told.

WIRESAGE_LONG=1 also waits until what was short is resolved there, some five minutes."""
import json
import os
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from frames import Wire
from harness import expect, inside, until
from test_journal import scan_from, source

CONFIG = Path(__file__).resolve().parent.parent.parent / "config/prometheus"
MEMBERS = (9093, 9094)
ROUTING = """
route: {receiver: hook, group_by: [alertname, source, destination, instance], group_wait: 1s, group_interval: 5s, repeat_interval: 4h}
receivers: [{name: hook, webhook_configs: [{url: 'http://127.0.0.1:9095/', send_resolved: true}]}]
"""


class Hook:
    """Where the Alertmanagers notify: (status, alertname, source) of each alert in each notification."""

    def __init__(self, stage):
        self.got, got = [], None
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                got.extend((alert["status"], alert["labels"]["alertname"], alert["labels"].get("source")) for alert in body["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass
        with inside(stage.names["sensor"]):
            server = ThreadingHTTPServer(("127.0.0.1", 9095), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stage.closing.append(server.shutdown)

    def count(self, status, name, where=None):
        return sum(got == (status, name, where) for got in self.got)


def get(stage, port, path):
    with inside(stage.names["sensor"]):
        connection = urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5)
    with connection:
        return connection.read().decode()


def answers(stage, port, path, wanted):
    try:
        return wanted(get(stage, port, path))
    except OSError:
        return False


def settled(text):
    found = json.loads(text)["cluster"]
    return found["status"] == "ready" and len(found["peers"]) == 2


def cluster(stage):
    """The processes of both members, once they have found one another."""
    routing, processes = stage.folder / "alertmanager.yml", []
    routing.write_text(ROUTING, encoding="utf-8")
    for port in MEMBERS:
        other = MEMBERS[1 - MEMBERS.index(port)]
        log = open(stage.folder / f"alertmanager{port}.log", "wb")
        stage.closing.append(log.close)
        processes.append(stage.start(
            "sensor", "prometheus-alertmanager", f"--config.file={routing}", f"--storage.path={stage.folder}/am{port}",
            f"--web.listen-address=127.0.0.1:{port}", f"--cluster.listen-address=127.0.0.1:{port + 100}",
            f"--cluster.advertise-address=127.0.0.1:{port + 100}", f"--cluster.peer=127.0.0.1:{other + 100}",
            "--cluster.peer-timeout=4s", "--cluster.settle-timeout=2s", "--cluster.probe-interval=500ms", stdout=log, stderr=log))
    for port in MEMBERS:
        until(lambda: answers(stage, port, "/api/v2/status", settled), 60, "both are in the cluster")  # noqa: B023
        until(lambda: answers(stage, port, "/-/ready", bool), 60, "both are ready")  # noqa: B023
    return processes


def known(stage, port, name):
    return [alert for alert in json.loads(get(stage, port, "/api/v2/alerts")) if alert["labels"]["alertname"] == name]


def config_of(stage):
    urls = [f"http://127.0.0.1:{port}" for port in MEMBERS]
    return stage.config(alerting={"resolve_after": "5s", "receivers": [{"name": "cluster", "type": "alertmanager", "url": urls}]})


def test_a_cluster_notifies_once(stage):
    hook, members = Hook(stage), cluster(stage)
    stage.daemon(config_of(stage))
    wire, first, second = Wire(stage), source(1), source(2)
    scan_from(wire, first)                                        # A trouble of a moment.
    until(lambda: hook.count("firing", "port_scan", first), 30, "its notification")
    until(lambda: all(known(stage, port, "port_scan") for port in MEMBERS), 30, "both members have it")
    # The second member looks into what the first has told it once it was its turn; a member killed before cannot have told it.
    until(lambda: answers(stage, MEMBERS[1], "/metrics", lambda text: "\nalertmanager_nflog_queries_total 0\n" not in text), 30,
          "the second has asked whether the first has notified")
    members[0].kill()
    members[0].wait()
    scan_from(wire, second)
    until(lambda: hook.count("firing", "port_scan", second), 60, "the notification of what came after one was killed")
    if os.environ.get("WIRESAGE_LONG"):
        until(lambda: hook.count("resolved", "port_scan", first) and hook.count("resolved", "port_scan", second), 400, "both are over")
    for where in (first, second):
        expect(hook.count("firing", "port_scan", where) == 1, f"one notification of {where}: {hook.got}")
        expect(hook.count("resolved", "port_scan", where) <= 1, f"one end of {where}: {hook.got}")


def test_prometheus_tells_it_what_is_wrong_with_wiresage(stage):
    """The shipped rules are loaded by a Prometheus; a refused reload is told by both members once."""
    hook, _ = Hook(stage), cluster(stage)
    daemon, port = stage.daemon(config_of(stage)), 9090
    settings = stage.folder / "prometheus.yml"
    settings.write_text(json.dumps({
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(CONFIG / "alerts.yml"), str(CONFIG / "recording.yml")],
        "scrape_configs": [{"job_name": "wiresage", "static_configs": [{"targets": ["127.0.0.1:10470"]}]}],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{member}" for member in MEMBERS]}]}]}}), encoding="utf-8")
    log = open(stage.folder / "prometheus.log", "wb")
    stage.closing.append(log.close)
    stage.start("sensor", "prometheus", f"--config.file={settings}", f"--storage.tsdb.path={stage.folder}/tsdb",
                f"--web.listen-address=127.0.0.1:{port}", stdout=log, stderr=log)

    def evaluated(text):
        rules = [rule for group in json.loads(text)["data"]["groups"] for rule in group["rules"]]
        return rules if rules and all(rule["health"] != "unknown" for rule in rules) else None
    rules = until(lambda: answers(stage, port, "/api/v1/rules", evaluated), 60, "the rules are evaluated")
    bad = [rule["name"] for rule in rules if rule["health"] != "ok"]
    expect(not bad, f"rules that cannot be evaluated: {bad}")
    daemon.config_path.write_text("nonsense: true\n", encoding="utf-8")
    expect(daemon.request("POST", "/-/reload")[0] >= 400, "the bad configuration is refused")
    until(lambda: hook.count("firing", "WiresageReloadFailed"), 60, "its notification")
    until(lambda: all(known(stage, member, "WiresageReloadFailed") for member in MEMBERS), 30, "both members have it")
    daemon.write(daemon.config)
    expect(daemon.request("POST", "/-/reload")[0] < 300, "the good one is taken")
    until(lambda: hook.count("resolved", "WiresageReloadFailed"), 60, "its end")
    expect(hook.count("firing", "WiresageReloadFailed") == 1, f"one notification: {hook.got}")
