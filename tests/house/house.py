"""What the house tests share: the tree, C++ without comments and strings, the layers' table, and the self-test.

A house test is a file NAME.py here with `check(house) -> [problem, ...]` and SAMPLES: for each kind of breach a small
tree {path: text} that it must find. run.py runs the samples first, so that no test can be silently deaf.
"""
import json
import re
import subprocess
from pathlib import Path

CODE = (".cpp", ".hpp")
RAW_STRING = re.compile(r'R"(\w*)\(')


class House:
    """A source tree, and the built binary where there is one."""

    def __init__(self, root, binary=None, shared=None):
        self.root, self.binary, self.shared = Path(root), binary, shared
        self.cache = {}

    def files(self, *folders, suffixes=CODE):
        """Paths below the folders, relative to the root, sorted."""
        found = []
        for folder in folders:
            found += [path.relative_to(self.root) for path in (self.root / folder).rglob("*")
                      if path.is_file() and path.name.endswith(suffixes) and "__pycache__" not in path.parts]
        return sorted(found)

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def has(self, path):
        return (self.root / path).exists()

    def rules(self):
        """What `wiresage rules -o json` prints."""
        if "rules" not in self.cache:
            done = subprocess.run([self.binary, "rules", "-o", "json"], capture_output=True, timeout=60, check=True)
            self.cache["rules"] = json.loads(done.stdout)
        return self.cache["rules"]


def skip_string(text, at):
    """The position after the string or character literal that begins at `at`."""
    quote = text[at]
    at += 1
    while at < len(text) and text[at] not in (quote, "\n"):
        at += 2 if text[at] == "\\" else 1
    return at + 1


def blanked(piece):
    return re.sub(r"[^\n]", " ", piece)


def code_only(text, keep_strings=False):
    """C++ with comments (and the insides of strings) blanked out; every line stays where it is."""
    out, at = [], 0
    while at < len(text):
        raw = RAW_STRING.match(text, at) if text[at] == "R" else None
        if text.startswith("//", at):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            out.append(blanked(text[at:end]))
        elif text.startswith("/*", at):
            end = text.find("*/", at + 2)
            end = len(text) if end < 0 else end + 2
            out.append(blanked(text[at:end]))
        elif raw:
            closing = ")" + raw.group(1) + '"'
            end = text.find(closing, raw.end())
            end = len(text) if end < 0 else end + len(closing)
            out.append(text[at:end] if keep_strings else blanked(text[at:end]))
        elif text[at] == '"' or (text[at] == "'" and not text[at - 1:at].isalnum()):
            end = skip_string(text, at)
            out.append(text[at:end] if keep_strings else '"' + blanked(text[at + 1:end - 1]) + '"')
        else:
            end = at + 1
            out.append(text[at])
        at = end
    return "".join(out)


def layer_table(house):
    """{layer: set of layers it may include, or None for all} of lib/README.md."""
    table = {}
    for line in house.text("lib/README.md").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and re.fullmatch(r"[a-z]+", cells[0]) and cells[0] != "layer":
            allowed = cells[2]
            table[cells[0]] = None if allowed == "all" else set() if allowed == "-" else set(allowed.split())
    return table


def table_rows(text, first_header):
    """The rows (lists of cells) of the Markdown table whose header begins with `first_header`."""
    rows, inside = [], False
    for line in text.splitlines():
        if not line.lstrip().startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] == first_header:
            inside = True
        elif inside and not set("".join(cells)) <= set("-: "):
            rows.append(cells)
    return rows


def line_of(text, position):
    return text.count("\n", 0, position) + 1
