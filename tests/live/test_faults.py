"""The disk fails at one write after the other (strace): alerts go out all the same, and what was accepted is not lost.

WIRESAGE_FAULTS: up to which call (200 is the long form, by hand)."""
import os

from frames import Wire
from harness import Daemon, command, expect, until
from receiver import Receiver
from test_journal import rows, scan_from, source

CALLS = "write,pwrite64,pwritev,fsync,fdatasync,ftruncate,fallocate"
LONG = int(os.environ.get("WIRESAGE_FAULTS", "0"))


def faults():
    return range(1, LONG + 1) if LONG else (1, 2, 3, 5, 8, 13, 21, 34)


def injected(stage, config, number, error):
    """A daemon whose `number`-th call that changes the journal fails, and each `number`-th after it."""
    journal = config["journal"]["path"]
    words = ["strace", "-f", "-qq", "-o", journal + ".trace", "-P", journal, "-P", journal + "-wal", "-e", f"trace={CALLS}",
             "-e", f"inject={CALLS}:error={error}:when={number}+{number}"]
    return Daemon(stage, config, wrapper=words).ready(30)


def test_failing_writes_lose_no_accepted_alert(stage):
    healthy, wire, alerts = Receiver(stage), Wire(stage), 0
    for number in faults():
        path = stage.folder / f"journal{number}.db"
        config = stage.config(journal={"path": str(path), "size": "1MiB"}, alerting={"receivers": [healthy.entry()]})
        daemon = injected(stage, config, number, ("EIO", "ENOSPC")[number % 2])
        wanted = {source(alerts + i) for i in range(3)}
        alerts += 3
        for address in sorted(wanted):
            scan_from(wire, address)
        until(lambda: wanted <= {got.document["source"]["ip"] for got in healthy.of("port_scan")}, 20 * stage.patience,  # noqa: B023
              f"all alerts although each {number}. call fails: {daemon.log()[-600:]}")  # noqa: B023
        failed = path.with_suffix(".db.trace").read_text(encoding="utf-8", errors="replace").count("(INJECTED)")
        expect(failed or number > 20, f"no {number}. call was made to fail")
        expect(daemon.process.poll() is None, f"{number}: it ended: {daemon.log()[-600:]}")
        command("pkill", "-KILL", "-P", daemon.process.pid)       # The daemon itself: its parent is strace.
        daemon.process.wait(10)
        daemon = stage.daemon(config)                             # Whole again: goes on where the journal stands.
        until(lambda: daemon.metric("wiresage_receiver_queue_length", receiver="hook") == 0, 20 * stage.patience, "an empty queue")  # noqa: B023
        expect(daemon.stop()[0] == 0, "exit status after SIGTERM")
        accepted = {row[0] for row in rows(stage, "SELECT webhook FROM entries", path)}
        came = {got.headers["webhook-id"] for got in healthy.got}
        expect(accepted <= came, f"{number}: {len(accepted - came)} accepted documents never came")
    ids = {}
    for got in healthy.got:
        expect(ids.setdefault(got.headers["webhook-id"], got.body) == got.body, "two documents under one id")
