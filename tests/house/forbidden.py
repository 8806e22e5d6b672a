"""Things that this house does not do: clocks below the edge, locks in the packet path, sleeping tests and the like."""
import re

from house import code_only, line_of

PACKET_PATH = ("lib/packet/", "lib/fact/", "lib/flow/", "lib/detect/", "lib/rules/", "lib/engine/")

# (what must not be found in code, in which files, but there: why)
FORBIDDEN = [
    (r"\b(system_clock|steady_clock|high_resolution_clock)\s*::\s*now\b|\bclock_gettime\b|\bgettimeofday\b|\btime\(nullptr\)",
     "lib/", {"lib/deliver/": "waits for the world outside", "lib/serve/": "connections have deadlines",
              "lib/base/log": "a log line carries the wall clock",
              "lib/capture/live": "polls, and a heartbeat has to know that the wire is silent",
              "lib/engine/idle_clock": "turns silence of the wire into event time",
              "lib/metrics/process": "says since when the process runs"}),
    (r"#\s*include\s*<regex>|\bstd::w?s?c?regex\b", "", {}),
    (r"\bsetlocale\s*\(", "", {}),
    (r"\bthread_local\b", "lib/ daemon/", {}),
    (r"\breinterpret_cast\b", "lib/packet/ lib/flow/ lib/fact/ lib/detect/ lib/rules/ lib/stream/ lib/app/",
     {"lib/flow/flow_table.cpp": "prefetches its own slots by the line; no packet bytes"}),
    (r"\b(shared_ptr|mutex|lock_guard|unique_lock|scoped_lock|condition_variable)\b",
     "lib/packet/ lib/fact/ lib/flow/ lib/detect/ lib/rules/", {}),
    (r"\bstd::(unordered_map|unordered_set)\b", "lib/rules/ lib/detect/ lib/flow/ lib/engine/", {}),
    (r"\b(popen|system|execv[pe]*|execl[pe]*|posix_spawn\w*|vfork|fork)\s*\(", "lib/ daemon/", {}),
    (r"\b(GTEST_SKIP|DISABLED_\w*)", "tests/", {}),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(", "tests/unit/ tests/support/ tests/golden/ tests/fuzz/", {}),
    (r"\b(strcpy|strcat|sprintf|vsprintf|gets|alloca)\s*\(", "lib/ daemon/", {}),
    (r"\busing namespace std\s*;", "", {}),
]

# Also in comments and in what is no C++.
WORDS = [
    (r"\b(TODO|FIXME|XXX|HACK)\b", "what is left to do belongs into an issue"),
    (r"(?<![\w./])/(work|tmp/w|root)/\w", "a path of one machine"),
]
TEXTS = (".cpp", ".hpp", ".py", ".sh", ".md", ".yaml", ".yml", ".txt", ".cmake", ".json", ".service")
THIS = "tests/house/forbidden.py"


def within(path, folders):
    return not folders or any(path.startswith(folder) for folder in folders.split())


def check(house):
    problems = []
    for path in house.files("lib", "daemon", "tests"):
        code = None
        for pattern, folders, exceptions in FORBIDDEN:
            if not within(path.as_posix(), folders) or any(path.as_posix().startswith(start) for start in exceptions):
                continue
            code = code or code_only(house.text(path))
            problems += [f"{path}:{line_of(code, match.start())}: {match.group().strip()} is not used here"
                         for match in re.finditer(pattern, code)]
    everywhere = ("lib", "daemon", "tests", "config", "systemd", "docker", "cmake")
    for path in [*house.files(*everywhere, suffixes=TEXTS), *(p for p in ("README.md", "dev") if house.has(p))]:
        if str(path) == THIS or path_is_data(str(path)):
            continue
        text = house.text(path)
        for pattern, why in WORDS:
            problems += [f"{path}:{line_of(text, match.start())}: {match.group()}: {why}"
                         for match in re.finditer(pattern, text)]
    return problems


def path_is_data(path):
    """Golden output is not prose."""
    return path.endswith("expected.json")


SAMPLES = {
    "good": {"lib/rules/a.cpp": "// Never system_clock::now(): event time only.\nint f() { return 1; }\n",
             "lib/deliver/a.cpp": "auto t = std::chrono::steady_clock::now();\n"},
    "clock": {"lib/rules/a.cpp": "auto t = std::chrono::system_clock::now();\n"},
    "clock of C": {"lib/capture/file.cpp": "clock_gettime(CLOCK_REALTIME, &t);\n"},
    "regex": {"lib/app/a.cpp": "#include <regex>\n"},
    "locale": {"daemon/main.cpp": 'int main() { setlocale(LC_ALL, ""); }\n'},
    "thread_local": {"lib/engine/a.cpp": "thread_local int x;\n"},
    "cast": {"lib/packet/a.cpp": "auto* h = reinterpret_cast<const Header*>(p);\n"},
    "lock": {"lib/flow/a.cpp": "std::mutex m;\n"},
    "order": {"lib/rules/a.cpp": "std::unordered_map<int, int> m;\n"},
    "program": {"daemon/a.cpp": 'void f() { system("ls"); }\n'},
    "skipped": {"tests/unit/a_test.cpp": "TEST(A, DISABLED_B) {}\n"},
    "skip": {"tests/unit/a_test.cpp": "TEST(A, B) { GTEST_SKIP(); }\n"},
    "sleep": {"tests/unit/a_test.cpp": "std::this_thread::sleep_for(1s);\n"},
    "to do": {"lib/base/a.hpp": "// TO" "DO: later\n"},
    "path": {"README.md": "see /wo" "rk/main\n"},
}
