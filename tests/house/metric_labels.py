"""Metrics are named as Prometheus wants it, and their labels are bounded sets that no packet chooses."""
import re

ROW = re.compile(r'\{Metric::(\w+),\s*"([^"]*)",\s*(\w+),\s*"((?:[^"\\]|\\.)*)",\s*"([^"]*)"\}')
CATALOGUE = "lib/metrics/catalogue.cpp"
LABELS = {"interface", "rule", "severity", "receiver", "reason", "protocol", "stage", "table"}
OTHERS = {"wiresage_build_info": {"version", "revision", "compiler"}}    # constants of the binary, one time series


def check(house):
    rows = ROW.findall(house.text(CATALOGUE))
    problems = [] if rows else [f"{CATALOGUE}: no metrics found"]
    for _, name, kind, text, labels in rows:
        if not re.fullmatch(r"(wiresage|process)_[a-z0-9_]+", name):
            problems.append(f"{name}: a metric begins with wiresage_ or process_")
        if (kind == "counter") != name.endswith("_total"):
            problems.append(f"{name}: counters, and only they, end in _total")
        if re.search(r"_(ms|milliseconds|us|kb|kib|mb|percent|minutes|hours)(_|$)", name):
            problems.append(f"{name}: not in a base unit")
        if not text.strip() or "\\n" in text:
            problems.append(f"{name}: help is one line of text")
        odd = set(labels.split()) - LABELS - OTHERS.get(name, set())
        problems += [f"{name}: label {label} is not of the bounded sets" for label in sorted(odd)]
    names = [row[1] for row in rows]
    problems += [f"{name}: declared twice" for name in sorted({name for name in names if names.count(name) > 1})]
    return problems


GOOD = '{Metric::a, "wiresage_a_total", counter, "So many.", "interface"},\n'
SAMPLES = {
    "good": {CATALOGUE: GOOD},
    "none": {CATALOGUE: "\n"},
    "address": {CATALOGUE: GOOD.replace("interface", "source_ip")},
    "prefix": {CATALOGUE: GOOD.replace("wiresage_", "sage_")},
    "total": {CATALOGUE: GOOD.replace("_total", "")},
    "gauge total": {CATALOGUE: GOOD.replace("counter", "gauge")},
    "unit": {CATALOGUE: GOOD.replace("a_total", "a_ms_total")},
    "help": {CATALOGUE: GOOD.replace("So many.", "")},
    "twice": {CATALOGUE: GOOD + GOOD},
}
