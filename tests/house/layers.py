"""Includes go downwards only, as lib/README.md's table says, and each foreign library stays in its layer."""
import re

from house import code_only, layer_table, line_of

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)

# Beginning of a header's name: the layers that may name it.
LIBRARIES = {
    "pcap.h": {"capture"}, "pcap/": {"capture"}, "sqlite3.h": {"journal"}, "curl/": {"deliver"},
    "boost/beast": {"serve"}, "prometheus/": {"metrics"}, "yaml-cpp/": {"settings"}, "CLI/": {"daemon"},
    "systemd/": {"daemon"}, "libmnl/": {"process", "capture"}, "zlib.h": {"app", "capture"},
    "nlohmann/": {"alert", "process", "serve", "deliver", "settings", "journal", "compare", "daemon"}, "bpf/": {"process"},
    "openssl/": {"app", "alert", "deliver", "serve", "daemon"},
}


def check(house):
    table = layer_table(house)
    problems = [] if len(table) > 3 else ["lib/README.md has no table of layers"]
    for path in house.files("lib", "daemon"):
        layer = "daemon" if path.parts[0] == "daemon" else path.parts[1]
        if layer not in table:
            problems.append(f"{path}: layer {layer} is not in lib/README.md's table")
            continue
        text = code_only(house.text(path), keep_strings=True)
        for match in INCLUDE.finditer(text):
            where = f"{path}:{line_of(text, match.start(2))}"
            name = match.group(2)
            if match.group(1) == '"':
                other = name.split("/")[0] if "/" in name else layer
                may = table[layer]
                if other != layer and may is not None and other not in may:
                    problems.append(f"{where}: {layer} may not include {name}")
            for prefix, layers in LIBRARIES.items():
                if name.startswith(prefix) and layer not in layers:
                    problems.append(f"{where}: <{name}> only in {', '.join(sorted(layers))}")
    for layer in table:
        if layer != "daemon" and not house.has(f"lib/{layer}"):
            problems.append(f"lib/README.md names layer {layer}, and there is no lib/{layer}")
    return problems


TABLE = """
| layer | is | may include |
| --- | --- | --- |
| base | values | - |
| packet | bytes | base |
| capture | sources | base packet |
| daemon | wires | all |
"""
GOOD = {"lib/README.md": TABLE, "lib/base/a.hpp": "// A.\n", "lib/capture/b.cpp": "#include <pcap/pcap.h>\n",
        "lib/packet/c.cpp": '#include "base/a.hpp"\n#include "packet/c.hpp"\n// #include "daemon/x.hpp"\n',
        "daemon/main.cpp": '#include "capture/b.hpp"\n'}
SAMPLES = {
    "good": GOOD,
    "upwards": {**GOOD, "lib/base/a.hpp": '#include "packet/c.hpp"\n'},
    "sideways": {**GOOD, "lib/packet/c.cpp": '  #  include "capture/b.hpp"\n'},
    "pcap in daemon": {**GOOD, "daemon/main.cpp": "#include <pcap.h>\n"},
    "unknown layer": {**GOOD, "lib/magic/a.hpp": "// A.\n"},
    "layer without folder": {**GOOD, "lib/README.md": TABLE + "| ghost | nothing | base |\n"},
}
