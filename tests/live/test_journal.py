"""No alert is lost: over kill -9, a full disk, a broken file; what fired goes on firing; a big journal delays no start.

WIRESAGE_KILLS: how often it is killed (100 is the long form, by hand)."""
import json
import os
import random
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path

from frames import Wire
from harness import SENSOR, command, expect, until
from receiver import Receiver

EVERYTHING = {"urgency": ["page", "ticket", "note"]}


def scan_from(wire, source, ports=25):
    """A scan of closed ports, from an address that nobody has."""
    for port in range(1, ports + 1):
        wire.tcp(source, 40000 + port, SENSOR, port, "S")


def source(number):
    return f"10.77.{1 + number // 250}.{1 + number % 250}"


class Load(threading.Thread):
    """Scans from ever new addresses until it is ended; each is an alert of its own."""

    def __init__(self, stage, every=0.05):
        super().__init__(daemon=True)
        self.wire, self.every, self.number, self.ending = Wire(stage), every, 0, threading.Event()
        self.start()

    def run(self):
        while not self.ending.wait(self.every):
            scan_from(self.wire, source(self.number))
            self.number += 1

    def end(self):
        self.ending.set()
        self.join()


def rows(stage, sql, path=None):
    """Of the journal's file, which nobody may have open."""
    with sqlite3.connect(path or stage.folder / "journal.db") as journal:
        return journal.execute(sql).fetchall()


def test_kill_loses_no_accepted_alert(stage):
    """Three receivers: one healthy, one a file, one dead."""
    kills, dice, healthy = int(os.environ.get("WIRESAGE_KILLS", "5")), random.Random(7), Receiver(stage)
    lines = stage.folder / "lines.jsonl"
    lines.touch()
    lines.chmod(0o666)
    receivers = [healthy.entry(), {"name": "lines", "type": "file", "path": str(lines), "match": EVERYTHING},
                 {"name": "dead", "type": "webhook", "url": "http://127.0.0.1:9/hook", "match": EVERYTHING}]
    config = stage.config(alerting={"receivers": receivers})
    load = Load(stage)
    for _ in range(kills):
        daemon = stage.daemon(config)
        seen = len(healthy.got)
        until(lambda: len(healthy.got) > seen, 20 * stage.patience, "an alert at the healthy receiver")  # noqa: B023
        time.sleep(dice.uniform(0, 0.7))
        daemon.kill()
    load.end()
    daemon = stage.daemon(config)
    until(lambda: all(daemon.metric("wiresage_receiver_queue_length", receiver=name) == 0 for name in ("hook", "lines")),
          30 * stage.patience, "empty queues")
    expect(daemon.stop()[0] == 0, "exit status after SIGTERM")
    accepted = {row[0] for row in rows(stage, "SELECT webhook FROM entries")}
    expect(len(accepted) >= kills * 3, f"only {len(accepted)} alerts were accepted")
    came = {got.headers["webhook-id"]: got.body for got in healthy.got}
    expect(accepted <= came.keys(), f"{len(accepted - came.keys())} of {len(accepted)} accepted alerts never came")
    for got in healthy.got:
        expect(came[got.headers["webhook-id"]] == got.body, "two documents under one id")
    written = Counter(line for line in lines.read_text(encoding="utf-8").splitlines())
    documents = [row[0] for row in rows(stage, "SELECT document FROM entries")]
    expect(all(written[document] >= 1 for document in documents), "a document is not in the file")
    position, stragglers = rows(stage, "SELECT position, stragglers FROM cursors WHERE receiver = 'dead'")[0]
    expect(position == 0 or stragglers or position < len(documents), f"the dead receiver has come to {position}")
    expect(not rows(stage, "SELECT * FROM dead_letters"), "dead letters after a moment")


def test_what_fired_goes_on_firing_and_resolves(stage):
    config = stage.config(alerting={"resolve_after": "3s"}, rules={"port_scan": {"window": "3s"}})
    daemon, wire = stage.daemon(config), Wire(stage)
    scan_from(wire, source(0))
    before = until(lambda: daemon.alerts("port_scan"), 15 * stage.patience, "the alert")[0]
    daemon.kill()
    daemon = stage.daemon(config)
    after = daemon.alerts("port_scan")
    expect([alert["event"]["id"] for alert in after] == [before["event"]["id"]], "the alert is not there after a restart")
    expect(after[0]["wiresage"]["state"] == "firing", f"its state is {after[0]['wiresage']['state']}")
    ended = until(lambda: [alert for alert in daemon.alerts("port_scan") if alert["wiresage"]["state"] == "resolved"],
                  30 * stage.patience, "the alert resolves")[0]
    expect(ended["event"]["start"] == before["event"]["start"], "another start")
    expect(ended["wiresage"]["evidence"] == before["wiresage"]["evidence"], "other evidence")
    one = daemon.get("/api/v1/alerts/" + before["event"]["id"])
    expect([each["state"] for each in one["wiresage"]["history"]] == ["resolved", "firing"], f"history {one['wiresage']['history']}")


def test_a_full_disk_stops_nothing(stage):
    """The journal has taken its room at the start; somebody else takes all the rest."""
    disk = stage.folder / "disk"
    disk.mkdir()
    command("mount", "-t", "tmpfs", "-o", "size=24m,mode=0777", "tmpfs", disk)
    stage.closing.append(lambda: command("umount", disk, check=False))
    healthy = Receiver(stage)
    daemon = stage.daemon(stage.config(journal={"path": str(disk / "journal.db"), "size": "16MiB"},
                                       alerting={"receivers": [healthy.entry()]}))
    with open(disk / "filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 65536)
        except OSError:
            pass
    wire = Wire(stage)
    for number in range(40):
        scan_from(wire, source(number))
    until(lambda: len({got.document["event"]["id"] for got in healthy.of("port_scan")}) >= 40, 30 * stage.patience, "all alerts")
    journal = daemon.get("/api/v1/status")["journal"]
    expect(journal["durable"] and journal["unsaved"] == 0, f"journal: {journal}")


def test_a_disk_that_is_full_from_the_start_delays_no_alert(stage):
    disk = stage.folder / "disk"
    disk.mkdir()
    command("mount", "-t", "tmpfs", "-o", "size=64k,mode=0777", "tmpfs", disk)
    stage.closing.append(lambda: command("umount", disk, check=False))
    (disk / "filler").write_bytes(b"x" * 65536)
    healthy = Receiver(stage)
    daemon = stage.daemon(stage.config(journal={"path": str(disk / "journal.db"), "size": "16MiB"},
                                       alerting={"receivers": [healthy.entry()]}))
    scan_from(Wire(stage), source(0))
    until(lambda: healthy.of("port_scan"), 15 * stage.patience, "the alert, from memory")
    expect(healthy.of("wiresage_journal"), "no alert about the journal")
    expect(not daemon.get("/api/v1/status")["journal"]["durable"], "the status says that alerts are on disk")
    expect(daemon.metric("wiresage_degraded") == 1, "wiresage_degraded is not 1")


def test_a_broken_file_is_moved_aside_and_told_of(stage):
    path = stage.folder / "journal.db"
    path.write_bytes(b"\x5a" * 65536)
    healthy = Receiver(stage)
    daemon = stage.daemon(stage.config(alerting={"receivers": [healthy.entry()]}))
    got = until(lambda: healthy.of("wiresage_journal"), 15 * stage.patience, "an alert about the journal")[0]
    expect("begun afresh" in got.document["message"], got.document["message"])
    expect(list(stage.folder.glob("journal.db.broken-*")), "no file was moved aside")
    expect(daemon.get("/api/v1/status")["journal"]["durable"], "the new journal is not used")


def test_a_big_journal_delays_no_start(stage):
    config = stage.config(journal={"path": str(stage.folder / "journal.db"), "size": "512MiB"})
    daemon = stage.daemon(config)
    scan_from(Wire(stage), source(0))
    until(lambda: daemon.alerts("port_scan"), 15 * stage.patience, "one alert")
    daemon.stop()
    number, taken, *rest, document = rows(stage, "SELECT * FROM entries ORDER BY number DESC LIMIT 1")[0]
    owner = Path(stage.folder / "journal.db").stat()
    with sqlite3.connect(stage.folder / "journal.db") as journal:
        many = [(number + i, taken, f"{i:016x}", *rest[1:], document.replace(rest[0], f"{i:016x}")) for i in range(1, 100_001)]
        journal.executemany(f"INSERT INTO entries VALUES ({','.join('?' * 12)})", many)
        journal.executemany("INSERT INTO alerts VALUES (?, ?, 2)", [(row[2], row[0]) for row in many])
    journal.close()
    for name in ("journal.db", "journal.db-wal"):
        if (stage.folder / name).exists():
            command("chown", f"{owner.st_uid}:{owner.st_gid}", stage.folder / name)
    daemon = stage.daemon(config)
    daemon.kill()
    began = time.monotonic()
    daemon = stage.daemon(config)
    took = time.monotonic() - began
    # Counted once the journal's thread has come to it; the start does not wait for that.
    until(lambda: daemon.get("/api/v1/status")["journal"]["entries"] > 100_000, 15 * stage.patience,
          f"all entries: {daemon.get('/api/v1/status')['journal']}")
    print(f"      captures after {took:.2f} s")
    expect(took < 1.0 * stage.patience, f"captures after {took:.2f} s")
    page = daemon.get("/api/v1/alerts?limit=5")
    older = daemon.get(f"/api/v1/alerts?limit=5&cursor={page['next']}")
    expect(len(older["alerts"]) == 5 and older["alerts"][0] != page["alerts"][0], "no second page")


def test_suppressions_hide_count_and_end(stage):
    daemon, wire = stage.daemon(), Wire(stage)
    scan_from(wire, source(0))
    until(lambda: daemon.alerts("port_scan"), 15 * stage.patience, "the alert")
    wish = {"rule": "port_scan", "source": "10.77.1.0/24", "owner": "net-team", "reason": "audit"}
    status, text = daemon.send("POST", "/api/v1/suppressions?dry_run=true", wish)
    expect(status == 200, f"dry run: {status} {text}")
    expect(json.loads(text)["would_have_hidden"]["alerts"] == 1, text)
    expect(daemon.send("POST", "/api/v1/suppressions", wish)[0] == 422, "taken without an end")
    status, text = daemon.send("POST", "/api/v1/suppressions", {**wish, "until": "2100-01-01T00:00:00Z"})
    expect(status == 201, f"{status} {text}")
    made = json.loads(text)["id"]
    scan_from(wire, source(1))
    until(lambda: [each["hidden"] for each in daemon.get("/api/v1/suppressions")["suppressions"]][0] > 0, 15 * stage.patience, "a count")
    expect(len(daemon.alerts("port_scan")) == 1, "the second scan was told")
    daemon.kill()
    daemon = stage.daemon()
    expect([each["id"] for each in daemon.get("/api/v1/suppressions")["suppressions"]] == [made], "gone after a restart")
    expect(daemon.send("DELETE", f"/api/v1/suppressions/{made}")[0] == 200, "cannot be deleted")
    scan_from(wire, source(2))
    until(lambda: len(daemon.alerts("port_scan")) == 2, 15 * stage.patience, "the third scan's alert")
