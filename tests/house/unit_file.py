"""systemd/wiresage.service is hardened: systemd-analyze security gives at most 2.5, and what capturing needs stays allowed."""
import re
import shutil
import subprocess

SERVICE, USERS = "systemd/wiresage.service", "systemd/wiresage.sysusers"
MOST_EXPOSURE = 2.5
WANTED = {"Type": "notify", "ExecReload": "/bin/kill -HUP $MAINPID", "CapabilityBoundingSet": "CAP_NET_RAW",
          "AmbientCapabilities": "CAP_NET_RAW", "NoNewPrivileges": "yes", "User": "wiresage"}


def settings(text):
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def check(house):
    if not house.has(SERVICE) or not house.has(USERS):
        return [f"no {SERVICE} or no {USERS}"]
    given = settings(house.text(SERVICE))
    problems = [f"{SERVICE}: {key}={given.get(key)}, wanted {value}" for key, value in WANTED.items() if given.get(key) != value]
    if not given.get("WatchdogSec"):
        problems.append(f"{SERVICE}: no WatchdogSec")
    # Each of these was tried and breaks the daemon: no AF_PACKET, no /proc/net, no pinning of threads.
    if given.get("PrivateUsers", "no") not in ("no", "false") or given.get("ProcSubset") == "pid":
        problems.append(f"{SERVICE}: PrivateUsers and ProcSubset=pid break capturing")
    if re.search(r"^SystemCallFilter=~.*@resources", house.text(SERVICE), re.MULTILINE):
        problems.append(f"{SERVICE}: ~@resources breaks pinning of threads")
    if "AF_PACKET" not in given.get("RestrictAddressFamilies", "AF_PACKET"):
        problems.append(f"{SERVICE}: RestrictAddressFamilies lacks AF_PACKET")
    if not re.search(r"^u!? wiresage ", house.text(USERS), re.MULTILINE):
        problems.append(f"{USERS}: makes no user wiresage")
    return problems + exposure(house)


def exposure(house):
    if not shutil.which("systemd-analyze"):
        return ["systemd-analyze is not installed"]
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(house.root / SERVICE)],
                          capture_output=True, text=True, timeout=60)
    match = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    if not match:
        return [f"systemd-analyze security says nothing: {done.stderr.strip()[-300:]}"]
    return [] if float(match.group(1)) <= MOST_EXPOSURE else [f"{SERVICE}: exposure {match.group(1)}, at most {MOST_EXPOSURE}"]


BAD = "[Service]\nExecStart=/usr/bin/wiresage run\n" + "".join(f"{key}={value}\n" for key, value in WANTED.items())
SAMPLES = {
    "missing": {"README.md": ""},
    "open": {SERVICE: BAD + "WatchdogSec=30\n", USERS: "u wiresage -\n"},
    "traps": {SERVICE: BAD + "WatchdogSec=30\nPrivateUsers=yes\nSystemCallFilter=~@resources\n", USERS: "u wiresage -\n"},
    "no user": {SERVICE: BAD + "WatchdogSec=30\n", USERS: "u other -\n"},
}
