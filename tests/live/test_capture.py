"""Every packet is captured or counted as lost; 0.4 Mpps of 60-byte frames without loss; an idle daemon rests."""
import time
from pathlib import Path

from harness import SENSOR, expect, until

RATE, FRAMES = 400_000, 2_000_000
DROPS = ("kernel", "ring", "interface", "link")


def flood(stage, frames, rate, flows=1000, length=60):
    """Sends, and gives what livesend says."""
    return stage.peer(stage.sender(), "peer0", frames, length, flows, rate, timeout=300).stdout


def counts(stage):
    """Frames on the link so far: both directions are captured."""
    return stage.sent_by_peer() + stage.sent_by_sensor()


def baseline(stage, daemon):
    """What the daemon has captured less what was sent, at a moment when neither moves."""
    while True:
        link, captured = counts(stage), daemon.settled()
        if counts(stage) == link:
            return captured - link


def accounted(stage, daemon, base):
    """Waits until packets sent = captured + each drop counter; gives the drops by stage.

    Kernels say something by themselves now and then (neighbours, routers), so what was sent is read each time anew.
    """
    seen = {}

    def balanced():
        sent = counts(stage)
        seen["captured"] = daemon.captured()
        seen["drops"] = {name: daemon.metric("wiresage_packets_dropped_total", interface="mon0", stage=name) for name in DROPS}
        seen["sent"] = sent + base
        return seen["captured"] + sum(seen["drops"].values()) == seen["sent"]
    until(balanced, 20 * stage.patience, lambda: f"sent = captured + lost: {seen}")
    return seen["drops"]


def test_packets_sent_are_captured_or_counted(stage):
    daemon = stage.daemon()
    base = baseline(stage, daemon)
    stage.peer("ping", "-f", "-c", "2000", SENSOR)
    stage.peer("curl", "-s", "-m", "2", f"http://{SENSOR}:8079/", check=False)
    flood(stage, 200_000, 100_000)
    accounted(stage, daemon, base)


def test_floods_beyond_its_power_are_counted_exactly(stage):
    """Full speed with a small ring: what is lost is counted, wherever it was lost."""
    daemon = stage.daemon(stage.config(interfaces=[{"name": "mon0", "buffer": "64KiB"}], pipeline={"ring": "1MiB"}))
    base = baseline(stage, daemon)
    flood(stage, 1_000_000, 0)
    drops = accounted(stage, daemon, base)
    expect(sum(drops.values()) > 0 or stage.slow, "nothing was lost with a ring of 64 KiB: the test shows nothing")


def test_400000_small_packets_a_second_without_loss(stage):
    daemon = stage.daemon()
    base = baseline(stage, daemon)
    frames = 200_000 if stage.slow else FRAMES
    words = flood(stage, frames, 50_000 if stage.slow else RATE)
    drops = accounted(stage, daemon, base)
    expect(sum(drops.values()) == 0, f"lost {drops}; {words.strip()}")


def test_an_idle_daemon_takes_at_most_one_percent(stage):
    daemon = stage.daemon()

    def ticks():
        fields = Path(f"/proc/{daemon.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])                  # utime, stime in 1/100 s
    until(lambda: "wiresage" in Path(f"/proc/{daemon.process.pid}/comm").read_text(), 5, "ip netns exec became wiresage")
    begin, at = ticks(), time.monotonic()
    until(lambda: time.monotonic() - at >= 10, 11, "ten seconds of silence")
    share = (ticks() - begin) / 100 / (time.monotonic() - at)
    expect(share <= 0.01 or stage.slow, f"idle, it takes {share:.1%} of a core")
