"""Every rule has its page with the headings in order, its unit test, and golden cases that alert and stay silent."""
import re

from house import House  # noqa: F401

HEADINGS = ["What it means", "How it decides", "Settings", "What it cannot see", "False alarms", "What to do next",
            "Example", "Sources"]


def registry(house):
    """The rules of lib/rules/CMakeLists.txt, in its order."""
    match = re.search(r"set\(rules\s+([^)]*)\)", house.text("lib/rules/CMakeLists.txt"))
    return match.group(1).split() if match else []


def page_problems(path, text):
    """What is wrong with one page."""
    sections = re.split(r"^## +(.*)$", text, flags=re.MULTILINE)
    titles = [title.strip() for title in sections[1::2]]
    problems = []
    if titles != HEADINGS:
        problems.append(f"{path}: headings are {titles}, not {HEADINGS}")
    if not text.startswith("# "):
        problems.append(f"{path}:1: does not begin with the rule's title")
    problems += [f"{path}: nothing under {title!r}" for title, body in zip(titles, sections[2::2]) if len(body.split()) < 3]
    return problems


def check(house):
    rules = registry(house)
    problems = [] if rules else ["lib/rules/CMakeLists.txt has no rules"]
    if rules != sorted(rules):
        problems.append("lib/rules/CMakeLists.txt: not in alphabetical order")
    for rule in rules:
        page = f"lib/rules/{rule}.md"
        problems += page_problems(page, house.text(page)) if house.has(page) else [f"{page} is missing"]
        if not house.has(f"tests/unit/rules/{rule}_test.cpp"):
            problems.append(f"tests/unit/rules/{rule}_test.cpp is missing")
        for kind in ("alerts", "silent"):
            folders = sorted((house.root / "tests/golden").glob(f"{rule}-{kind}*"))
            if not any((folder / "expected.json").exists() for folder in folders):
                problems.append(f"no tests/golden/{rule}-{kind}* with expected.json")
    stray = {path.stem for path in house.files("lib/rules")} - set(rules) - {"registry"}
    for name in sorted(stray):
        if f"lib/rules/{name}.md" not in problems and house.has(f"lib/rules/{name}.md"):
            problems.append(f"lib/rules/{name}.cpp is not in the registry")
    return problems


PAGE = "# A\n" + "".join(f"\n## {title}\n\nSome words on it.\n" for title in HEADINGS)
GOOD = {"lib/rules/CMakeLists.txt": "set(rules\n    a_rule\n)\n", "lib/rules/a_rule.md": PAGE, "lib/rules/a_rule.cpp": "",
        "tests/unit/rules/a_rule_test.cpp": "", "tests/golden/a_rule-alerts/expected.json": "",
        "tests/golden/a_rule-silent-x/expected.json": ""}
SAMPLES = {
    "good": GOOD,
    "no page": {k: v for k, v in GOOD.items() if k != "lib/rules/a_rule.md"},
    "order": {**GOOD, "lib/rules/a_rule.md": PAGE.replace("Example", "Sauces").replace("Sources", "Example")},
    "empty section": {**GOOD, "lib/rules/a_rule.md": PAGE.replace("## False alarms\n\nSome words on it.", "## False alarms\n")},
    "no silent case": {k: v for k, v in GOOD.items() if "silent" not in k},
    "no unit test": {k: v for k, v in GOOD.items() if "unit" not in k},
    "not registered": {**GOOD, "lib/rules/b_rule.cpp": "", "lib/rules/b_rule.md": PAGE},
}
