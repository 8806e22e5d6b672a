"""/metrics passes promtool, Debian's Prometheus scrapes it, and labels stay bounded whatever packets say."""
import json
import re
import subprocess
import urllib.request

from frames import Wire
from harness import SENSOR, expect, inside, until

ALLOWED = {"interface", "rule", "severity", "receiver", "reason", "protocol", "stage", "table", "version", "revision", "compiler",
           "le"}                                     # the bounds of histograms, which we chose
MOST_SERIES = 1000


def test_promtool_accepts_the_metrics(stage):
    daemon = stage.daemon()
    stage.peer("nmap", "-sS", "-n", "-Pn", "-p", "1-400", SENSOR)
    until(lambda: daemon.alerts("port_scan"), 15 * stage.patience, "an alert")
    status, text = daemon.request("GET", "/metrics")
    expect(status == 200, f"status {status}")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    expect(done.returncode == 0 and not done.stderr.strip(), f"promtool: {done.stdout}{done.stderr}")


def test_prometheus_scrapes_it(stage):
    stage.daemon()
    config = stage.folder / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: wiresage\n"
                      "    static_configs: [{targets: ['127.0.0.1:10470']}]\n", encoding="utf-8")
    log = open(stage.folder / "prometheus.log", "wb")
    stage.closing.append(log.close)
    stage.start("sensor", "prometheus", f"--config.file={config}", f"--storage.tsdb.path={stage.folder}/tsdb",
                "--web.listen-address=127.0.0.1:9090", stdout=log, stderr=log)

    def scraped():
        try:
            with inside(stage.names["sensor"]):
                answer = urllib.request.urlopen("http://127.0.0.1:9090/api/v1/query?query=up", timeout=5)
            results = json.load(answer)["data"]["result"]
        except OSError:
            return False
        return any(result["value"][1] == "1" for result in results)
    until(scraped, 30, "up{job=wiresage} = 1 in Prometheus")


def test_labels_stay_bounded_under_a_scan(stage):
    """65,536 ports, 10,000 addresses: not one of them in a label."""
    daemon, wire = stage.daemon(), Wire(stage)
    before = daemon.captured()
    for port in range(65_536):
        source = port % 10_000
        wire.tcp(f"198.18.{source >> 8}.{source & 255}", 1024 + port % 60_000, SENSOR, port, "S", src_mac="02:00:0a:4d:00:02", seq=port)
    until(lambda: daemon.captured() >= before + 65_536 - daemon.dropped(), 60, "the scan in the counters")
    series = daemon.metrics()
    labels = {name: value for line in series for name, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', line)}
    expect(set(labels) <= ALLOWED, f"labels {sorted(set(labels) - ALLOWED)}")
    expect(len(series) <= MOST_SERIES, f"{len(series)} series")
    chosen = [line for line in series if "198.18" in line or SENSOR in line or re.search(r'(?<!\ble)="\d+"', line)]
    expect(not chosen, f"packets chose a label: {chosen[:3]}")
