"""Many alerts at once: they are on disk soon after they were found, and none is lost."""
import time

from frames import Wire
from harness import SENSOR, expect, until
from receiver import Receiver
from test_journal import rows

RULES = {"port_scan": {"ports": 2}}  # Two refused ports make an alert of their own.


def address(number):
    return f"10.{80 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


def storm(wire, first, count, seconds):
    """Alerts from ever new addresses, spread over the time."""
    began = time.monotonic()
    for number in range(count):
        for port in (11, 12):
            wire.tcp(address(first + number), 40000 + port, SENSOR, port, "S")
        if (early := began + seconds * number / count - time.monotonic()) > 0:
            time.sleep(early)
    return time.monotonic() - began


def config_of(stage, healthy):
    return stage.config(rules=RULES, journal={"path": str(stage.folder / "journal.db"), "size": "512MiB"},
                        alerting={"receivers": [healthy.entry(most_per_minute=600_000)]}, log={"level": "warning"})


def committed(daemon, within):
    """(share on disk within so many seconds, all)."""
    return (daemon.metric("wiresage_journal_commit_seconds_bucket", le=f"{within:g}"), daemon.metric("wiresage_journal_commit_seconds_count"))


def test_what_was_found_is_soon_on_disk(stage):
    daemon, count = stage.daemon(config_of(stage, Receiver(stage))), 2500
    storm(Wire(stage), 0, count, 5)                              # 500 a second
    until(lambda: committed(daemon, 1)[1] >= count, 30 * stage.patience, lambda: f"{committed(daemon, 1)[1]} of {count} on disk")
    soon, every = committed(daemon, 0.025)
    print(f"      {soon:g} of {every:g} on disk within 25 ms")
    expect(soon >= 0.99 * every or stage.slow, f"only {soon:g} of {every:g} were on disk within 25 ms")


def test_a_storm_loses_no_alert(stage):
    healthy = Receiver(stage)
    daemon, wire, count = stage.daemon(config_of(stage, healthy)), Wire(stage), 50_000
    took = storm(wire, 0, count, 10)                             # 5,000 a second
    print(f"      {count} in {took:.1f} s")
    lost = daemon.dropped()
    until(lambda: daemon.metric("wiresage_alerts_total", rule="port_scan") >= count - lost, 60 * stage.patience,
          lambda: f"{daemon.metric('wiresage_alerts_total', rule='port_scan')} of {count} found, {lost} packets lost")
    expect(lost == 0 or stage.slow, f"{lost} packets lost")
    until(lambda: daemon.metric("wiresage_receiver_queue_length", receiver="hook") == 0, 240 * stage.patience, "an empty queue")
    state = daemon.get("/api/v1/status")
    hook = next(row for row in state["receivers"] if row["name"] == "hook")
    expect(hook["dead_letters"] == 0, f"receiver: {hook}")
    expect(daemon.stop(30)[0] == 0, "exit status after SIGTERM")
    accepted = {row[0] for row in rows(stage, "SELECT webhook FROM entries WHERE rule = 'port_scan'")}
    came = {got.headers["webhook-id"] for got in healthy.got}
    rolled = sum(got.document.get("wiresage", {}).get("evidence", {}).get("count", 0) for got in healthy.got if got.rule != "port_scan")
    expect(len(accepted) >= count, f"{len(accepted)} accepted")
    expect(len(accepted - came) <= rolled, f"{len(accepted - came)} never came, {rolled} rolled up")
