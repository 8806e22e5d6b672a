"""A file is under 400 lines, a rule's under 200, a function under 60, main.cpp under 60; the first line says what a file is."""
import ast
import re

from house import code_only, line_of

FILE_LINES, RULE_LINES, FUNCTION_LINES, MAIN_LINES = 400, 200, 60, 60
CONTAINER = re.compile(r'^(inline\s+)?namespace\b|^extern\s*"|\b(class|struct|union)\b')
HEAD_END = re.compile(r"\b(const|noexcept|override|final|try|mutable|requires)\s*$")


def flat(head):
    """The head without what stands in parentheses and template lists."""
    head = re.sub(r"\[\[.*?\]\]|\b(alignas|__attribute__)\s*\([^()]*(\([^()]*\))*\)", " ", head)
    previous = None
    while previous != head:
        previous = head
        head = re.sub(r"\(([^()]+)\)", "()", head)
    previous = None
    while previous != head:
        previous = head
        head = re.sub(r"<[^<>]*>", " ", head)
    return " ".join(head.split())


def kind_of(head):
    """What the brace after this head opens, outside functions: container, function, or data."""
    plain = flat(head)
    if "()" not in plain and CONTAINER.search(plain):
        return "container"
    if re.search(r"\benum\b", plain) or "()" not in plain:
        return "data"
    if "=" in plain and "operator" not in plain:
        return "data"
    after = plain[plain.index("()") + 2:].replace("::", "")
    if ":" in after and re.search(r"[\w>]$", plain) and not HEAD_END.search(plain):
        return "data"                     # a member initialiser: `: value_{...}`
    return "function"


def closing(code, at):
    """The position of the brace that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        depth += {"{": 1, "}": -1}.get(code[i], 0)
        if depth == 0:
            return i
    return len(code) - 1


def functions(code):
    """(name, first line, lines) of each function of C++ without comments and strings."""
    code = re.sub(r"^[ \t]*#.*(\\\n.*)*$", lambda m: re.sub(r"[^\n]", " ", m.group()), code, flags=re.MULTILINE)
    head, at = "", 0
    while at < len(code):
        letter = code[at]
        if letter in ";}":
            head = ""
        elif letter != "{":
            head += letter
        else:
            kind = kind_of(head)
            end = closing(code, at)
            if kind == "container":
                head = ""
            elif kind == "data":
                head += "()" if ":" in head else ""
                at = end
            else:
                named = re.search(r"([\w:~]+|operator\S+)\s*\(", head)
                yield named.group(1) if named else "?", line_of(code, at), line_of(code, end) - line_of(code, at) + 1
                head, at = "", end
        at += 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def opening(path, text):
    """True where the file opens with a line that says what it is."""
    lines = text.splitlines() or [""]
    if path.suffix == ".py":
        return text.lstrip("#!/usrbinev python3\n").startswith('"""') or '"""' in "".join(lines[:2])
    if path.suffix == ".md":
        return lines[0].startswith("# ")
    return bool(re.match(r"// \w.{6,}", lines[0]))


def check(house):
    problems = []
    for path in house.files("lib", "daemon", "tests", suffixes=(".cpp", ".hpp", ".py")):
        text = house.text(path)
        lines = text.count("\n")
        rule = path.parts[:2] == ("lib", "rules") and path.suffix == ".cpp"
        main = path.parts == ("daemon", "main.cpp")
        limit = RULE_LINES if rule else MAIN_LINES - 1 if main else FILE_LINES
        if lines > limit:
            problems.append(f"{path}: {lines} lines, at most {limit}")
        if path.name != "recipe.py" and not opening(path, text):
            problems.append(f"{path}:1: the first line does not say what the file is")
        found = python_functions(text) if path.suffix == ".py" else functions(code_only(text))
        problems += [f"{path}:{line}: {name} has {size} lines, at most {FUNCTION_LINES}"
                     for name, line, size in found if size > FUNCTION_LINES]
    return problems


LONG = "".join(f"    work({i});\n" for i in range(FUNCTION_LINES))
SAMPLES = {
    "good": {"lib/base/a.cpp": "// What this file is about.\nnamespace a {\nint f() { return 1; }\nstruct S {\n" + "  int x;\n" * 70
             + "};\nconstexpr auto table = std::to_array({\n" + "  1,\n" * 70 + "});\n}  // namespace a\n"},
    "long file": {"lib/base/a.cpp": "// What this file is about.\n" + "int x;\n" * FILE_LINES},
    "long rule": {"lib/rules/a.cpp": "// What this file is about.\n" + "int x;\n" * RULE_LINES},
    "long main": {"daemon/main.cpp": "// What this file is about.\n" + "int x;\n" * MAIN_LINES},
    "no first line": {"lib/base/a.cpp": "#include <array>\n"},
    "long function": {"lib/base/a.cpp": "// What this file is about.\nvoid f(int a = 3) noexcept {\n" + LONG + "}\n"},
    "long method": {"lib/base/a.hpp": "// What this file is about.\ntemplate <class T>\nstruct S : B<T> {\n  T g() const override {\n" + LONG + "  }\n};\n"},
    "long constructor": {"lib/base/a.hpp": "// What this file is about.\nS::S(int a) : a_{a}, b_(a), c_{{a}} {\n" + LONG + "}\n"},
    "long test": {"tests/unit/a_test.cpp": "// What this file is about.\nnamespace {\nTEST(A, B) {\n" + LONG + "}\n}\n"},
    "long python": {"tests/a.py": '"""What."""\ndef f():\n' + "    x = 1\n" * FUNCTION_LINES},
}
