"""Whose the sockets were: short connections, senders of datagrams and nc -l, each in a cgroup and of a user of its own.

WIRESAGE_TRIES: how often each is tried (25 is the long form, by hand)."""
import contextlib
import json
import os
import subprocess

from harness import PEER, SENSOR, command, expect, until

TRIES = int(os.environ.get("WIRESAGE_TRIES", "3"))
FAN_OUT = """
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for host in range(50): sender.sendto(b'a question', ('10.78.0.%d' % (host + 1), {port}))
"""
SHORT = """
import socket, time
connection = socket.create_connection(('{peer}', {port}))
connection.send(b'x')
time.sleep(0.01)
"""
SERVER = """
import socket, threading
def serve(port):
    server = socket.create_server(('0.0.0.0', port))
    while True:
        connection, _ = server.accept()
        connection.recv(4096)
        connection.send(b'HTTP/1.0 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n')
        connection.close()
for port in (80, 81): threading.Thread(target=serve, args=(port,)).start()
"""


def cgroups(stage):
    """A place where cgroups can be made; `ip netns exec` hides what is below /sys."""
    place = stage.folder / "cgroup"
    place.mkdir()
    command("mount", "-t", "cgroup2", "none", place)

    def leave():
        for group in place.glob("wsl-*.service"):
            with contextlib.suppress(OSError):
                group.rmdir()
        command("umount", "-l", place)
    stage.closing.append(leave)
    return place


class Cast:
    """Starts programs on the daemon's host, each in a cgroup and of a user of its own."""

    def __init__(self, stage):
        self.stage, self.place, self.number = stage, cgroups(stage), 0

    def start(self, *words):
        self.number += 1
        unit, user = f"wsl-{self.number}.service", 20_000 + self.number
        group = self.place / unit
        group.mkdir()
        process = self.stage.start("sensor", "sh", "-c", f'echo $$ >{group}/cgroup.procs; exec setpriv --reuid {user} --clear-groups "$@"',
                                   "sh", *words, stdout=subprocess.DEVNULL)
        return process, {"pid": process.pid, "uid": user, "unit": unit}


def flows_of(daemon, wanted, addresses):
    return [flow for address in addresses for flow in daemon.get(f"/api/v1/flows?limit=1000&address={address}")["flows"] if wanted(flow)]


def plays(stage, cast, daemon):
    """(name, whose it was, the flows) of each try; what was started is gone when the daemon is asked."""
    for port in range(9000, 9000 + TRIES):
        process, owner = cast.start("curl", "-s", f"http://{PEER}/")
        process.wait()
        yield "curl", {**owner, "name": "curl"}, lambda f: f["dport"] == 80, 1
        process, owner = cast.start("python3", "-c", FAN_OUT.format(port=port))
        process.wait()
        yield "udp", {**owner, "name": "python3"}, lambda f, p=port: f["dport"] == p and f["transport"] == "udp", 50
        process, owner = cast.start("python3", "-c", SHORT.format(peer=PEER, port=81))
        process.wait()
        yield "short", {**owner, "name": "python3"}, lambda f: f["dport"] == 81, 1
        process, owner = cast.start("nc", "-l", "7000")           # The same port each time, another owner.
        until(lambda: "7000" in stage.sensor("ss", "-Hltn").stdout, 5, "nc listens")
        stage.peer("sh", "-c", f"echo hello | nc -q 0 -w 2 {SENSOR} 7000")
        process.wait()
        yield "nc", {**owner, "name": "nc"}, lambda f: f["dport"] == 7000, 1


def newest(daemon, wanted, count, known):
    """The flows of this play: those not seen before."""
    def fresh():
        addresses = [f"10.78.0.{host + 1}" for host in range(50)] if count == 50 else [PEER]
        flows = [f for f in flows_of(daemon, wanted, addresses) if (f["src"], f["sport"], f["dst"], f["dport"], f["start"]) not in known]
        return flows if len(flows) >= count else None
    flows = until(fresh, 5, "its flows are in the table")
    known.update((f["src"], f["sport"], f["dst"], f["dport"], f["start"]) for f in flows)
    return flows


def judged(stage, daemon, cast):
    """{play: [right, absent, wrong]}."""
    stage.start("peer", "python3", "-c", SERVER)
    until(lambda: ":81 " in stage.peer("ss", "-Hltn").stdout, 5, "the server listens")
    counts, known, wrong = {}, set(), []
    for play, owner, wanted, count in plays(stage, cast, daemon):
        flows = newest(daemon, wanted, count, known)
        told = [flow.get("process", {}) for flow in flows]
        right = all(process.get(key) == owner[key] for process in told for key in ("pid", "name", "uid", "unit"))
        is_wrong = any(process[key] != owner[key] for process in told for key in ("pid", "name", "uid", "unit") if key in process)
        if is_wrong:
            wrong.append((play, owner, told[:2]))
        count_of = counts.setdefault(play, [0, 0, 0])
        count_of[0 if right else 2 if is_wrong else 1] += 1
    return counts, wrong


def test_sockets_that_are_gone_have_their_owners(stage):
    cast = Cast(stage)
    daemon = stage.daemon(stage.config(process={"file": str(stage.folder / "processes.jsonl")}))
    state = daemon.get("/api/v1/status")["processes"]
    expect(state["tracepoints"], f"tracepoints run: {state}")
    counts, wrong = judged(stage, daemon, cast)
    print("      right, absent, wrong:", counts)
    expect(not wrong, f"nobody is named for what another did: {wrong[:3]}")
    for play, (right, absent, _) in counts.items():
        expect(right >= 0.95 * (right + absent), f"{play}: {right} right, {absent} absent")
    expect(daemon.get("/api/v1/status")["processes"]["lost"] == 0, "no event was lost")


def test_with_sock_diag_only_nobody_is_named_wrongly(stage):
    cast = Cast(stage)
    daemon = stage.daemon(stage.config(process={"tracepoints": "off"}))
    expect(not daemon.get("/api/v1/status")["processes"]["tracepoints"], "tracepoints are off")
    counts, wrong = judged(stage, daemon, cast)
    print("      right, absent, wrong:", counts)
    expect(not wrong, f"nobody is named for what another did: {wrong[:3]}")


def test_an_alert_names_the_process_that_is_gone(stage):
    cast = Cast(stage)
    daemon = stage.daemon(stage.config())
    process, owner = cast.start("python3", "-c", "import socket\nfor i in range(40):\n    c = socket.socket()\n"
                                f"    c.connect_ex(('{PEER}', 4444))\n    c.close()\n")
    process.wait()
    alert = until(lambda: daemon.alerts("tcp_connection_refused"), 15, "the refusals raise an alert")[0]
    told = alert.get("process", {})
    expect(told.get("pid") == owner["pid"] and told.get("name") == "python3", f"its process is {owner}: {told}")
    expect(alert.get("service", {}).get("name", owner["unit"]) == owner["unit"], f"its unit: {alert.get('service')}")


def test_a_file_tells_read_whose_the_flows_were(stage):
    cast, path = Cast(stage), stage.folder / "processes.jsonl"
    path.touch(mode=0o666)
    path.chmod(0o666)
    capture = stage.folder / "seen.pcap"
    daemon = stage.daemon(stage.config(process={"file": str(path)}))
    tcpdump = stage.start("sensor", "tcpdump", "-i", "mon0", "-U", "-c", "50", "-w", capture, "udp port 9000", stderr=subprocess.DEVNULL)
    until(lambda: capture.exists() and capture.stat().st_size >= 24, 10, "tcpdump captures")
    process, owner = cast.start("python3", "-c", FAN_OUT.format(port=9000))
    process.wait()
    tcpdump.wait(10)
    daemon.stop()
    lines = command(stage.binary, "read", "--flows", "--processes", path, capture).stdout.splitlines()
    flows = [flow for flow in map(json.loads, lines) if flow["dport"] == 9000]
    expect(len(flows) == 50, f"50 flows: {len(flows)}")
    expect(all(flow.get("process", {}).get("pid") == owner["pid"] for flow in flows), f"all are {owner}: {flows[0]}")
