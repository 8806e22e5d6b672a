"""config/wiresage.yaml shows every key of the configuration, and wiresage takes it."""
import re
import subprocess

from house import House

NEEDS = ("binary",)
PATH = "config/wiresage.yaml"
# The contract's keys; the list may grow.
KEYS = {
    "sensor": "name labels", "interfaces": "name filter snaplen buffer promiscuous required", "pipeline": "workers ring",
    "limits": "flows hosts memory", "site": "local_addresses internal_networks no_internet_hosts servers", "tls": "keylog",
    "rules": "", "alerting": "resolve_after repeat_every suppress receivers", "journal": "path size keep",
    "recorder": "memory bytes_per_packet before after path size",
    "process": "tracepoints file size",
    "http": "listen token_file allowed_hosts tls", "log": "level format", "user": "",
}


def blocks(text):
    """{top-level key: the text of its block}, examples in comments included."""
    found, current = {}, None
    for line in text.splitlines():
        match = re.match(r"#? ?([a-z_]+):", line)
        if match and match.group(1) in KEYS:
            current = match.group(1)
            found.setdefault(current, "")
        elif re.match(r"([a-z_]+):", line):
            current = line.split(":")[0]
            found.setdefault(current, "")
        if current:
            found[current] += line + "\n"
    return found


def check(house):
    if not house.has(PATH):
        return [f"no {PATH}"]
    found = blocks(house.text(PATH))
    problems = [f"{PATH}: no key {key}" for key in KEYS if key not in found]
    problems += [f"{PATH}: unknown key {key}" for key in found if key not in KEYS]
    for key, names in KEYS.items():
        problems += [f"{PATH}: {key} does not show {name}" for name in names.split()
                     if key in found and not re.search(rf"\b{name}:", found[key])]
    if "#" not in house.text(PATH):
        problems.append(f"{PATH}: nothing is explained")
    if house.binary:
        done = subprocess.run([house.binary, "check", "-c", str(house.root / PATH)], capture_output=True, text=True, timeout=60)
        if done.returncode == 2:
            problems.append(f"{PATH}: wiresage check refuses it: {(done.stderr or done.stdout).strip()[-400:]}")
    return problems


def check_sample(folder):
    return check(House(folder))


GOOD = "# What.\n" + "".join(f"{key}:\n" + "".join(f"  {name}: x\n" for name in names.split()) for key, names in KEYS.items())
SAMPLES = {
    "good": {PATH: GOOD},
    "no file": {"README.md": ""},
    "key missing": {PATH: GOOD.replace("limits:", "limit:")},
    "inner key missing": {PATH: GOOD.replace("  snaplen: x\n", "")},
    "no words": {PATH: GOOD.replace("# What.\n", "")},
}
