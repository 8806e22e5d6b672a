"""config/prometheus, config/grafana and the Alertmanager example: known metrics only, and their own checkers pass."""
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from metric_labels import CATALOGUE, ROW

ALERTS, RECORDING, TESTS = (f"config/prometheus/{name}.yml" for name in ("alerts", "recording", "tests"))
DASHBOARD, EXAMPLE = "config/grafana/wiresage.json", "config/alertmanager.example.yml"
METRIC = re.compile(r"(?<![\w:])wiresage_[a-z0-9_]+")


def complaints(what, *command, cwd=None):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd)
    return [f"{what}: {(done.stdout + done.stderr).strip()[-600:]}"] if done.returncode else []


def expressions(panels):
    for panel in panels:
        for target in panel.get("targets", []):
            yield panel.get("title", "?"), target["expr"].replace("$instance", ".*")
        yield from expressions(panel.get("panels", []))


def check(house):
    known = {row[1] for row in ROW.findall(house.text(CATALOGUE))}
    known |= {f"{name}_{part}" for name in known for part in ("bucket", "sum", "count")}
    problems = []
    for path in (ALERTS, RECORDING, TESTS, DASHBOARD):
        names = set(METRIC.findall(house.text(path)))
        problems += [f"{path}: there is no metric {name}" for name in sorted(names - known)]
    recorded = set(re.findall(r"record: (\S+)", house.text(RECORDING)))
    asked = set(re.findall(r"wiresage:[a-z0-9_:]+", house.text(ALERTS) + house.text(DASHBOARD)))
    problems += [f"nothing records {name}" for name in sorted(asked - recorded)]
    alerts = set(re.findall(r"alert: (\w+)", house.text(ALERTS)))
    problems += [f"{TESTS}: {name} has no test" for name in sorted(alerts - set(re.findall(r"Wiresage\w+", house.text(TESTS))))]
    for tool in ("promtool", "amtool"):
        if not shutil.which(tool):
            return [*problems, f"{tool} is not installed"]
    problems += complaints(ALERTS, "promtool", "check", "rules", str(house.root / ALERTS), str(house.root / RECORDING))
    problems += complaints(TESTS, "promtool", "test", "rules", "tests.yml", cwd=house.root / "config/prometheus")
    problems += complaints(EXAMPLE, "amtool", "check-config", str(house.root / EXAMPLE))
    rules = [{"record": f"dashboard:{i}", "expr": expr, "labels": {"panel": title}}
             for i, (title, expr) in enumerate(expressions(json.loads(house.text(DASHBOARD))["panels"]))]
    if not rules:
        problems.append(f"{DASHBOARD}: no expression")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "dashboard.yml"
        target.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
        problems += complaints(DASHBOARD, "promtool", "check", "rules", str(target))
    return problems


def rule(kind, expr):
    return f"groups:\n  - name: a\n    rules:\n      - {kind}\n        expr: {expr}\n"


GOOD = {CATALOGUE: '{Metric::a, "wiresage_a_total", counter, "So many.", ""},\n',
        ALERTS: rule("alert: WiresageA", "wiresage:a > 1"), RECORDING: rule("record: wiresage:a", "wiresage_a_total"),
        TESTS: "rule_files: [recording.yml, alerts.yml]\ntests:\n  - input_series: []\n    alert_rule_test:\n"
               "      - {eval_time: 1m, alertname: WiresageA, exp_alerts: []}\n",
        DASHBOARD: '{"panels": [{"title": "A", "targets": [{"expr": "wiresage_a_total"}]}]}',
        EXAMPLE: "route: {receiver: a}\nreceivers: [{name: a}]\n"}
SAMPLES = {
    "good": GOOD,
    "metric": {**GOOD, DASHBOARD: GOOD[DASHBOARD].replace("_a_", "_b_")},
    "not recorded": {**GOOD, RECORDING: GOOD[RECORDING].replace("wiresage:a", "wiresage:b")},
    "untested": {**GOOD, TESTS: GOOD[TESTS].replace("WiresageA", "Other")},
    "syntax": {**GOOD, ALERTS: GOOD[ALERTS].replace("> 1", ">")},
    "dashboard": {**GOOD, DASHBOARD: GOOD[DASHBOARD].replace('total"', 'total >"')},
    "empty dashboard": {**GOOD, DASHBOARD: '{"panels": []}'},
    "example": {**GOOD, EXAMPLE: GOOD[EXAMPLE].replace("receiver: a", "receiver: b")},
    "wrong test": {**GOOD, TESTS: GOOD[TESTS].replace("exp_alerts: []", "exp_alerts: [{exp_labels: {x: y}}]")},
}
