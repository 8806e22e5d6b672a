"""The rules declare what ../shared/design/evidence.md lays down: ends, entity, kind, severity, evidence."""
import re

from house import House

NEEDS = ("binary", "shared")
PATH = "design/evidence.md"
KEYS = re.compile(r"^([a-z_0-9]+(?:, [a-z_0-9]+)*)(?: \(([^)]*)\))?")
TYPES = {"integer": "int", "number": "num", "text": "str", "boolean": "bool", "texts": "[str]", "integers": "[int]",
         "string": "str"}


def evidence_of(cell):
    """{key: (type, optional)} of the last column."""
    found = {}
    for item in cell.split(" · "):
        match = KEYS.match(item.strip())
        if not match or match.group(2) is None:
            continue
        parts = [part.strip() for part in match.group(2).split(",")]
        for key in match.group(1).split(", "):
            found[key] = (parts[0], "opt" in parts[1:])
    return found


def laid_down(text):
    """{rule: {severity, kind, source, destination, entity, evidence}} of every row of seven cells."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 7 and re.fullmatch(r"[a-z_0-9]+", cells[0]) and cells[0] != "rule":
            other = re.match(r"as ([a-z_0-9]+), and ", cells[6])
            base = found.get(other.group(1), {}).get("evidence", {}) if other else {}
            found[cells[0]] = {**dict(zip(("severity", "kind", "source", "destination", "entity"), cells[1:6])),
                               "evidence": {**base, **evidence_of(cells[6][other.end():] if other else cells[6])}}
    return found


def declared(rule):
    """{key: (type, optional)} of what the binary says."""
    rows = rule["evidence"]
    if isinstance(rows, dict):
        rows = [{"key": key, **value} if isinstance(value, dict) else {"key": key, "type": value} for key, value in rows.items()]
    found = {}
    for row in rows:
        kind = row.get("type")
        found[row.get("key") or row.get("name")] = (TYPES.get(kind, kind), bool(row.get("optional", row.get("opt", False))))
    return found


def check(house):
    table = laid_down((house.shared / PATH).read_text(encoding="utf-8"))
    problems = [] if len(table) > 0 else [f"{PATH}: no rows"]
    for rule in house.rules():
        name = rule["id"]
        if name not in table:
            problems.append(f"{name}: not in evidence.md")
            continue
        row = table[name]
        problems += [f"{name}: {key} is {rule.get(key)!r}, laid down: {row[key]!r}"
                     for key in ("severity", "kind", "source", "destination", "entity") if rule.get(key) != row[key]]
        got, want = declared(rule), row["evidence"]
        problems += [f"{name}: evidence {key} is {got.get(key)}, laid down: {want.get(key)}"
                     for key in sorted(got.keys() | want.keys()) if got.get(key) != want.get(key)]
    return problems


ROW = "| a_rule | warning | site | ip | absent | source ip | count (int): n, so · names ([str], opt) · a, b (num) |\n"
RULE = {"id": "a_rule", "severity": "warning", "kind": "site", "source": "ip", "destination": "absent", "entity": "source ip",
        "evidence": [{"key": "count", "type": "int"}, {"key": "names", "type": "[str]", "optional": True},
                     {"key": "a", "type": "num"}, {"key": "b", "type": "num"}]}


def check_sample(folder):
    house = House(folder, shared=House(folder).root)
    house.cache["rules"] = [RULE]
    return check(house)


SAMPLES = {
    "good": {PATH: ROW},
    "unknown rule": {PATH: ROW.replace("a_rule", "b_rule")},
    "severity": {PATH: ROW.replace("warning", "error")},
    "entity": {PATH: ROW.replace("source ip", "service")},
    "type": {PATH: ROW.replace("count (int)", "count (num)")},
    "good by another": {PATH: ROW.replace("a_rule", "b_rule") + ROW.replace("count (int): n, so · names ([str], opt)",
                                                                       "as b_rule, and a (num)").replace("· a, b (num) ", "")},
    "optional": {PATH: ROW.replace("([str], opt)", "([str])")},
    "key too many": {PATH: ROW.replace("a, b (num)", "a (num)")},
    "key missing": {PATH: ROW.replace("a, b (num)", "a, b, c (num)")},
}
