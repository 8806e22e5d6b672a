"""An interface that goes down, comes back, is deleted and made again, or is missing at the start never ends the daemon."""
from harness import PEER, SENSOR, command, expect, until


def interface(daemon, name="mon0"):
    """What /api/v1/status says of it."""
    return next((entry for entry in daemon.get("/api/v1/status")["interfaces"] if entry["name"] == name), None)


def is_up(daemon, value):
    """Waits until metric and status agree on up or not."""
    def agree():
        found = interface(daemon)
        return found and (found["state"] == "up") == value and daemon.metric("wiresage_interface_up", interface="mon0") == value
    until(agree, 10, lambda: f"interface {'up' if value else 'not up'}; status: {interface(daemon)}; log: {daemon.log()[-500:]}")


def captures(stage, daemon):
    """New packets come in."""
    before = daemon.captured()
    stage.peer("ping", "-c", "3", "-i", "0.01", "-W", "2", SENSOR, check=False)
    until(lambda: daemon.captured() >= before + 6, 10, lambda: f"packets of mon0 after {before:.0f}; log: {daemon.log()[-500:]}")


def test_down_and_up(stage):
    daemon = stage.daemon()
    is_up(daemon, True)
    captures(stage, daemon)
    command("ip", "-n", stage.names["sensor"], "link", "set", "mon0", "down")
    is_up(daemon, False)
    command("ip", "-n", stage.names["sensor"], "link", "set", "mon0", "up")
    is_up(daemon, True)
    captures(stage, daemon)
    expect(daemon.stop()[0] == 0, "exit status after SIGTERM")


def test_deleted_and_made_again(stage):
    daemon = stage.daemon()
    captures(stage, daemon)
    for _ in range(3):
        command("ip", "-n", stage.names["sensor"], "link", "del", "mon0")
        is_up(daemon, False)
        stage.cable()
        is_up(daemon, True)
        captures(stage, daemon)
    expect(daemon.stop()[0] == 0, "exit status after SIGTERM")


def test_missing_at_start(stage):
    command("ip", "-n", stage.names["sensor"], "link", "del", "mon0")
    daemon = stage.daemon(ready=False)
    until(lambda: answers(daemon), 10 * stage.patience, lambda: f"HTTP; log: {daemon.log()[-500:]}")
    is_up(daemon, False)
    stage.cable()
    is_up(daemon, True)
    captures(stage, daemon)


def answers(daemon):
    try:
        return daemon.request("GET", "/-/healthy")[0] == 200
    except OSError:
        return False


def test_missing_but_required(stage):
    command("ip", "-n", stage.names["sensor"], "link", "del", "mon0")
    daemon = stage.daemon(stage.config(interfaces=[{"name": "mon0", "required": True}]), ready=False)
    status = until(lambda: daemon.process.poll() is not None and [daemon.process.poll()], 10 * stage.patience, "its end")[0]
    expect(status == 1, f"exit status {status}")
    expect("mon0" in daemon.log(), f"the message does not name the interface: {daemon.log()[-300:]}")


def test_two_interfaces_and_any(stage):
    """One of two goes away, the other goes on; `any` sees the loopback as well."""
    daemon = stage.daemon(stage.config(interfaces=[{"name": "mon0"}, {"name": "lo"}]))
    command("ip", "-n", stage.names["sensor"], "link", "del", "mon0")
    is_up(daemon, False)
    before = daemon.metric("wiresage_packets_total", interface="lo")
    stage.sensor("ping", "-c", "3", "-i", "0.01", "127.0.0.1")
    until(lambda: daemon.metric("wiresage_packets_total", interface="lo") > before, 5, "packets of lo")
    daemon.stop()
    stage.cable()
    daemon = stage.daemon(stage.config(interfaces=[{"name": "any"}]))
    before = daemon.metric("wiresage_packets_total", interface="any")
    stage.sensor("ping", "-c", "3", "-i", "0.01", PEER)
    until(lambda: daemon.metric("wiresage_packets_total", interface="any") >= before + 6, 5, "packets of any")
