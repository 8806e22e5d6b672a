"""README's table of rules, the rules' pages and config/wiresage.yaml say what `wiresage rules -o json` says."""
import re

from house import House, table_rows

NEEDS = ("binary",)


def readme_problems(text, rules):
    """README's rows are | [`id`](lib/rules/id.md) | name | severity |, in the order of the registry."""
    rows = [(re.sub(r"^\[`(\w+)`\]\(lib/rules/\1\.md\)$", r"\1", row[0]), *row[1:3]) for row in table_rows(text, "Rule")]
    want = [(rule["id"], rule["name"], rule["severity"]) for rule in rules]
    problems = [f"README.md: the table of rules lacks {row}" for row in want if row not in rows]
    problems += [f"README.md: {row} is no rule" for row in rows if row not in want]
    if not problems and rows != want:
        problems.append("README.md: the table of rules is in another order than `wiresage rules`")
    return problems


def setting_names(rule):
    settings = rule["settings"]
    return list(settings) if isinstance(settings, dict) else [setting["name"] for setting in settings]


def page_problems(house, rule):
    path = f"lib/rules/{rule['id']}.md"
    match = re.search(r"^## Settings\n(.*?)^## ", house.text(path) if house.has(path) else "", re.MULTILINE | re.DOTALL)
    section = match.group(1) if match else ""
    known = set(setting_names(rule))
    told = set(re.findall(r"^\|\s*`(\w+)`\s*\|", section, re.MULTILINE)) | set(re.findall(r"^[-*]\s*`(\w+)`", section, re.MULTILINE))
    problems = [f"{path}: setting {name} is not explained" for name in sorted(known) if f"`{name}`" not in section]
    return problems + [f"{path}: there is no setting {name}" for name in sorted(told - known - {"enabled", "severity"})]


def config_rules(text):
    """{rule: {setting: text}} of the `rules:` block of config/wiresage.yaml: one line `id: {key: value, ...}` each, or
    a block of `key: value` lines."""
    found, current, inside = {}, None, False
    for line in text.splitlines():
        bare = re.sub(r"\s+#.*$", "", line)
        if re.match(r"\S", bare):
            inside = bare.startswith("rules:")
        if not inside:
            continue
        rule = re.match(r"  (?! )(\w+):\s*(\{.*)?$", bare)
        setting = re.match(r"    (?! )(\w+):\s*(\S.*)$", bare)
        if rule:
            current = found.setdefault(rule.group(1), {})
            current.update(re.findall(r"(\w+):\s*([^,}]+)", rule.group(2) or ""))
        elif current is not None and setting:
            current[setting.group(1)] = setting.group(2)
        elif current is not None:
            current.update(re.findall(r"(\w+):\s*([^,{}]+)", bare))
    return found


def config_problems(text, rules):
    problems, given = [], config_rules(text)
    for rule in rules:
        keys = set(given.get(rule["id"], {}))
        want = set(setting_names(rule)) | {"enabled", "severity"}
        problems += [f"config/wiresage.yaml: rules.{rule['id']} lacks {key}" for key in sorted(want - keys)]
        problems += [f"config/wiresage.yaml: rules.{rule['id']} has no setting {key}" for key in sorted(keys - want)]
    known = {rule["id"] for rule in rules}
    return problems + [f"config/wiresage.yaml: no rule {name}" for name in sorted(set(given) - known)]


def check(house):
    rules = house.rules()
    problems = readme_problems(house.text("README.md"), rules) if house.has("README.md") else ["no README.md"]
    for rule in rules:
        problems += page_problems(house, rule)
    if house.has("config/wiresage.yaml"):
        return problems + config_problems(house.text("config/wiresage.yaml"), rules)
    return [*problems, "no config/wiresage.yaml"]


def check_sample(folder):
    house = House(folder)
    house.cache["rules"] = [{"id": "a_rule", "name": "A rule", "severity": "warning", "settings": [{"name": "targets"}]}]
    return check(house)


GOOD = {"README.md": "| Rule | Finds | Severity |\n| --- | --- | --- |\n| [`a_rule`](lib/rules/a_rule.md) | A rule | warning |\n",
        "lib/rules/a_rule.md": "## Settings\n\n| `targets` | 10 | so many |\n\n## What\n",
        "config/wiresage.yaml": "# All.\nrules:\n  a_rule: {enabled: true, severity: warning, targets: 10}   # such\nlog: {level: info}\n"}
SAMPLES = {
    "good": GOOD,
    "good block": {**GOOD, "config/wiresage.yaml": "rules:\n  a_rule:\n    enabled: true\n    severity: warning\n    targets: 10  # x\nlog:\n  level: info\n"},
    "readme lacks it": {**GOOD, "README.md": "| Rule | Finds | Severity |\n| --- | --- | --- |\n"},
    "readme severity": {**GOOD, "README.md": GOOD["README.md"].replace("warning", "error")},
    "page setting": {**GOOD, "lib/rules/a_rule.md": "## Settings\n\nNone.\n\n## What\n"},
    "page extra": {**GOOD, "lib/rules/a_rule.md": GOOD["lib/rules/a_rule.md"].replace("| so", "| so").replace("\n\n## W", "\n| `x` | 1 | y |\n\n## W")},
    "config setting": {**GOOD, "config/wiresage.yaml": GOOD["config/wiresage.yaml"].replace("targets", "target")},
    "config rule": {**GOOD, "config/wiresage.yaml": GOOD["config/wiresage.yaml"].replace("a_rule", "b_rule")},
}
