"""docker/: Prometheus takes its configuration and its rules name real metrics; the image installs what ./dev installs."""
import re
import shutil
import subprocess

from metric_labels import CATALOGUE, ROW

RULES, DOCKERFILE = "config/prometheus/alerts.yml", "docker/Dockerfile"
FOR_TESTS_ONLY = {"python3", "libgtest-dev", "libgmock-dev"}


def packages(text):
    return set(re.findall(r"\b(?:lib[\w.+-]+-dev|g\+\+|cmake|ninja-build|pkg-config|python3|nlohmann-json3-dev|prometheus-cpp-dev)", text))


def check(house):
    problems = []
    known = {row[1] for row in ROW.findall(house.text(CATALOGUE))}
    problems += [f"{RULES}: there is no metric {name}"
                 for name in sorted(set(re.findall(r"\bwiresage_\w+", house.text(RULES))) - known)]
    listed = re.search(r'^build_packages="([^"]*)"', house.text("dev"), re.MULTILINE)
    want = packages(listed.group(1) if listed else "") - FOR_TESTS_ONLY
    given = packages(house.text(DOCKERFILE).rsplit("\nFROM ", 1)[0])
    problems += [f"{DOCKERFILE}: {name} is not installed in the first stage" for name in sorted(want - given)]
    problems += [f"{DOCKERFILE}: {name} is not among ./dev's packages" for name in sorted(given - want)]
    text = house.text(DOCKERFILE)
    problems += [f"{DOCKERFILE}: no {word}" for word in ("\nUSER ", "setcap cap_net_raw+ep", "debian:bookworm-slim AS build") if word not in text]
    if not shutil.which("promtool"):
        return [*problems, "promtool is not installed"]
    done = subprocess.run(["promtool", "check", "config", str(house.root / "docker/prometheus.yml")], capture_output=True,
                          text=True, timeout=60)
    return problems + ([f"docker/prometheus.yml: {done.stdout}{done.stderr}"] if done.returncode else [])


GOOD = {CATALOGUE: '{Metric::a, "wiresage_a_total", counter, "So many.", ""},\n', "dev": 'build_packages="g++ libx-dev"\n',
        RULES: "groups:\n  - name: a\n    rules:\n      - {alert: A, expr: wiresage_a_total > 1}\n",
        DOCKERFILE: "FROM debian:bookworm-slim AS build\nRUN apt-get install g++ libx-dev\nFROM x\nRUN setcap cap_net_raw+ep y\nUSER z\n",
        "docker/prometheus.yml": "rule_files: [../config/prometheus/alerts.yml]\n"}
SAMPLES = {
    "good": GOOD,
    "metric": {**GOOD, RULES: GOOD[RULES].replace("a_total", "b_total")},
    "syntax": {**GOOD, RULES: GOOD[RULES].replace("> 1", ">")},
    "package missing": {**GOOD, DOCKERFILE: GOOD[DOCKERFILE].replace("libx-dev", "")},
    "package too many": {**GOOD, DOCKERFILE: GOOD[DOCKERFILE].replace("libx-dev", "libx-dev liby-dev")},
    "root": {**GOOD, DOCKERFILE: GOOD[DOCKERFILE].replace("USER z", "")},
}
