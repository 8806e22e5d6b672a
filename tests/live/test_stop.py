"""It stops cleanly under a flood, and says clearly why it cannot start."""
import socket
import subprocess

from harness import HTTP_PORT, SENSOR, expect, inside, until


def ended(stage, daemon):
    """(exit status, what it said) of a daemon that cannot start."""
    until(lambda: daemon.process.poll() is not None, 10 * stage.patience, lambda: f"its end; log: {daemon.log()[-300:]}")
    text = daemon.log()
    expect("terminate called" not in text and " at 0x" not in text, f"a stack trace or a crash: {text[-400:]}")
    return daemon.process.returncode, text


def says(outcome, status, *words):
    code, text = outcome
    expect(code == status, f"exit status {code}, not {status}: {text[-400:]}")
    for word in words:
        expect(word in text, f"the message lacks {word!r}: {text[-600:]}")


def test_sigterm_under_flood(stage):
    daemon = stage.daemon()
    stage.start("peer", stage.sender(), "peer0", 100_000_000, 60, 1000, 0, stdout=subprocess.DEVNULL)
    until(lambda: daemon.captured() > 100_000, 10 * stage.patience, "the flood")
    status, seconds = daemon.stop(30)
    expect(status == 0, f"exit status {status}: {daemon.log()[-400:]}")
    expect(seconds < 5 * stage.patience, f"it took {seconds:.1f} s")


def test_bad_configuration_names_every_error(stage):
    daemon = stage.daemon(ready=False)
    daemon.process.kill()
    daemon.process.wait()
    daemon.config_path.write_text("interfaces:\n  - name: mon0\n    snaplen: lots\nrulez: {}\nlog: {level: loud}\n")
    with open(daemon.log_path, "wb") as log:
        daemon.process = stage.start("sensor", stage.binary, "run", "-c", daemon.config_path, stdout=log, stderr=log)
    says(ended(stage, daemon), 2, str(daemon.config_path), "snaplen", ":3:", "rulez", ":4:", "level", ":5:")


def test_configuration_that_is_not_there(stage):
    daemon = stage.daemon(ready=False)
    daemon.process.kill()
    daemon.process.wait()
    with open(daemon.log_path, "wb") as log:
        daemon.process = stage.start("sensor", stage.binary, "run", "-c", "/nowhere/wiresage.yaml", stdout=log, stderr=log)
    says(ended(stage, daemon), 2, "/nowhere/wiresage.yaml")


def test_missing_capability_is_named_with_ways_to_give_it(stage):
    wrapper = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-net_raw")
    says(ended(stage, stage.daemon(ready=False, wrapper=wrapper)), 1, "CAP_NET_RAW", "setcap", "sudo", "systemd")


def test_port_in_use(stage):
    with inside(stage.names["sensor"]):
        taken = socket.create_server(("127.0.0.1", HTTP_PORT))
    stage.closing.append(taken.close)
    says(ended(stage, stage.daemon(ready=False)), 1, f"127.0.0.1:{HTTP_PORT}", "in use")


def test_check_says_the_same(stage):
    path = stage.folder / "check.yaml"
    path.write_text("interfaces:\n  - {name: absent0, required: true}\nlog: {colour: red}\n", encoding="utf-8")
    done = stage.sensor(stage.binary, "check", "-c", path, check=False)
    expect(done.returncode == 2 and "colour" in done.stderr + done.stdout, f"{done.returncode}: {done.stderr[-300:]}")
    path.write_text("interfaces:\n  - {name: absent0, required: true}\n", encoding="utf-8")
    done = stage.sensor(stage.binary, "check", "-c", path, check=False)
    expect(done.returncode == 1 and "absent0" in done.stderr + done.stdout, f"{done.returncode}: {done.stderr[-300:]}{done.stdout[-300:]}")
    path.write_text("interfaces:\n  - {name: mon0}\n", encoding="utf-8")
    done = stage.sensor(stage.binary, "check", "-c", path, check=False)
    expect(done.returncode == 0, f"a good one: {done.returncode}: {done.stderr[-300:]}{done.stdout[-300:]}")


def test_it_runs_without_root(stage):
    """Started as root it gives that up; of all capabilities one is left, and no worker can use it."""
    daemon = stage.daemon()
    lines = open(f"/proc/{daemon.process.pid}/status", encoding="utf-8").read().splitlines()
    facts = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    expect("0" not in facts["Uid"].split(), f"user ids {facts['Uid']}")
    expect("0" not in facts["Gid"].split() and facts["Groups"].split() == [], f"groups {facts['Gid']} {facts['Groups']}")
    expect(facts["NoNewPrivs"] == "1", "no-new-privs is not set")
    expect(int(facts["CapPrm"], 16) in (0, 1 << 13), f"permitted capabilities {facts['CapPrm']}")
    expect(int(facts["CapEff"], 16) == 0, f"effective capabilities {facts['CapEff']}")
    stage.peer("ping", "-c", "1", SENSOR)
