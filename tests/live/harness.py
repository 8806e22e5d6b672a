"""What the live tests stand on: two network namespaces with a cable, the daemon in one, real tools in the other.

    with Stage(options) as stage:                 # namespaces `sensor` (the daemon's, mon0) and `peer` (peer0)
        daemon = stage.daemon({"alerting": {...}})
        stage.peer("ping", "-c", "3", SENSOR)

Leaving the Stage ends every process that it started and removes both namespaces, whatever happened. Waiting is for a
condition with a limit (until), never for a time that should be enough. Needs root.
"""
import contextlib
import ctypes
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SENSOR, PEER, PREFIX = "10.77.0.1", "10.77.0.2", 24
SENSOR6, PEER6 = "fd77::1", "fd77::2"
SENSOR_MAC, PEER_MAC = "02:00:0a:4d:00:01", "02:00:0a:4d:00:02"
HTTP_PORT = 10470
HERE = Path(__file__).resolve().parent
CLONE_NEWNET = 0x40000000


class Failed(Exception):
    """What does not hold."""


def expect(condition, words):
    if not condition:
        raise Failed(words)


def until(condition, seconds, words):
    """The first true value of condition(), asked again and again; Failed after the limit."""
    limit = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > limit:
            raise Failed(f"not within {seconds:g} s: {words() if callable(words) else words}")
        time.sleep(0.02)


def command(*words, check=True, timeout=120, **more):
    if "input" not in more:
        more.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=timeout, **more)
    if check and done.returncode:
        raise Failed(f"{' '.join(map(str, words))}: exit status {done.returncode}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done


@contextlib.contextmanager
def inside(namespace):
    """Sockets that this thread makes here belong to the namespace, for ever."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as own, open(f"/run/netns/{namespace}") as other:
        if libc.setns(other.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"entering {namespace}")
        try:
            yield
        finally:
            libc.setns(own.fileno(), CLONE_NEWNET)


class Daemon:
    """A running `wiresage run`, its log, and its HTTP side."""

    def __init__(self, stage, config, arguments=(), wrapper=()):
        self.stage = stage
        self.config_path = stage.folder / f"config{len(stage.processes)}.yaml"
        self.write(config)
        self.log_path = self.config_path.with_suffix(".log")
        with open(self.log_path, "wb") as log:
            self.process = stage.start("sensor", *wrapper, stage.binary, "run", "-c", self.config_path, *arguments,
                                       stdout=log, stderr=log)

    def write(self, config):
        self.config = config
        self.config_path.write_text(json.dumps(config), encoding="utf-8")
        self.config_path.chmod(0o644)

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def request(self, method, path, timeout=10):
        """(status, text)."""
        with inside(self.stage.names["sensor"]):
            connection = http.client.HTTPConnection("127.0.0.1", HTTP_PORT, timeout=timeout)
            connection.connect()
        try:
            connection.request(method, path, headers={"Host": "127.0.0.1"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def send(self, method, path, body=None):
        """(status, text) of a request with a JSON body."""
        with inside(self.stage.names["sensor"]):
            connection = http.client.HTTPConnection("127.0.0.1", HTTP_PORT, timeout=10)
            connection.connect()
        try:
            connection.request(method, path, body=json.dumps(body) if body else None, headers={"Host": "127.0.0.1"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def get(self, path):
        status, text = self.request("GET", path)
        expect(status == 200, f"GET {path}: status {status}: {text[:200]}")
        return json.loads(text)

    def metrics(self):
        """{'name{labels}': value} of /metrics."""
        status, text = self.request("GET", "/metrics")
        expect(status == 200, f"GET /metrics: status {status}")
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                if line and not line.startswith("#")}

    def metric(self, name, **labels):
        """The sum over all series of a metric that carry these labels."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(value for series, value in self.metrics().items()
                   if series.split("{")[0] == name and all(want in series for want in wanted))

    def is_ready(self):
        expect(self.process.poll() is None, f"wiresage run ended with status {self.process.poll()}: {self.log()[-800:]}")
        try:
            return self.request("GET", "/-/ready")[0] == 200
        except OSError:
            return False

    def ready(self, seconds=None):
        until(self.is_ready, seconds or 15 * self.stage.patience, lambda: f"ready; log: {self.log()[-800:]}")
        return self

    def captured(self):
        return self.metric("wiresage_packets_total", interface="mon0")

    def dropped(self):
        return self.metric("wiresage_packets_dropped_total", interface="mon0")

    def settled(self, seconds=10):
        """Waits until the count of packets stands still, and gives it.  It is published once a second: look for longer."""
        seen = []

        def still():
            seen.append((time.monotonic(), self.captured()))
            return any(seen[-1][0] - at > 2.5 and count == seen[-1][1] for at, count in seen)
        until(still, seconds, "the count of packets stands still")
        return seen[-1][1]

    def alerts(self, rule=None):
        return self.get("/api/v1/alerts?limit=500" + (f"&rule={rule}" if rule else ""))["alerts"]

    def kill(self):
        """kill -9: nothing is flushed, nothing is told."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=10):
        """SIGTERM; gives (exit status, seconds it took)."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"still running {seconds} s after SIGTERM; log: {self.log()[-600:]}") from None
        return status, time.monotonic() - began


class Stage:
    """The two namespaces, the cable between them, and everything that was started there."""

    def __init__(self, options):
        self.binary = str(Path(options.binary).resolve())
        self.patience = 4 if options.slow else 1      # under a sanitizer everything takes longer
        self.slow = options.slow
        self.shared = Path(options.shared) if options.shared else None
        self.build = Path(options.work)
        self.names = {"sensor": f"wsl-sensor-{os.getpid()}", "peer": f"wsl-peer-{os.getpid()}"}
        self.processes, self.closing = [], []

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="wiresage-live-"))
        self.folder.chmod(0o755)                      # the daemon gives up being root, and reads its files again
        try:
            for name in self.names.values():
                command("ip", "netns", "add", name)
                command("ip", "-n", name, "link", "set", "lo", "up")
            self.cable()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for close in reversed(self.closing):
            with contextlib.suppress(Exception):
                close()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        for name in self.names.values():
            self.empty(name)
            command("ip", "netns", "del", name, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def empty(name):
        """Ends what servers forked off: whatever still lives in the namespace is ours."""
        for pid in command("ip", "netns", "pids", name, check=False).stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def cable(self, name="mon0"):
        """A veth pair, plain: no offload, no privacy addresses, no duplicate address detection."""
        sensor, peer = self.names["sensor"], self.names["peer"]
        command("ip", "-n", sensor, "link", "add", name, "address", SENSOR_MAC, "type", "veth",
                "peer", "name", "peer0", "netns", peer, "address", PEER_MAC)
        for space, link, v4, v6 in ((sensor, name, SENSOR, SENSOR6), (peer, "peer0", PEER, PEER6)):
            command("ip", "netns", "exec", space, "ethtool", "-K", link, "tx", "off", "gso", "off", "tso", "off", "gro", "off",
                    check=False)
            command("ip", "-n", space, "addr", "add", f"{v4}/{PREFIX}", "dev", link)
            command("ip", "-n", space, "addr", "add", f"{v6}/64", "dev", link, "nodad")
            command("ip", "-n", space, "link", "set", link, "up")
        command("ip", "-n", sensor, "route", "add", "default", "via", PEER)
        command("ip", "-n", peer, "route", "add", "default", "via", SENSOR)

    def start(self, where, *words, **more):
        """A process in the namespace; ended with the stage."""
        more.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(["ip", "netns", "exec", self.names[where], *map(str, words)], **more)
        self.processes.append(process)
        return process

    def run(self, where, *words, **more):
        return command("ip", "netns", "exec", self.names[where], *words, **more)

    def sensor(self, *words, **more):
        return self.run("sensor", *words, **more)

    def peer(self, *words, **more):
        return self.run("peer", *words, **more)

    def sysctl(self, where, **values):
        for key, value in values.items():
            self.run(where, "sysctl", "-q", "-w", f"{key.replace('__', '.')}={value}")

    def silent(self, where, address):
        """Gives an address that nobody owns the MAC of the other side: what is sent there arrives, and is not answered."""
        mac, link = (PEER_MAC, "mon0") if where == "sensor" else (SENSOR_MAC, "peer0")
        command("ip", "-n", self.names[where], "neigh", "replace", address, "lladdr", mac, "dev", link, "nud", "permanent")
        return address

    def sent_by_peer(self):
        """Packets that left peer0, by the kernel's own count."""
        text = self.peer("cat", "/sys/class/net/peer0/statistics/tx_packets").stdout
        return int(text)

    def sent_by_sensor(self):
        return int(self.sensor("cat", "/sys/class/net/mon0/statistics/tx_packets").stdout)

    def config(self, **parts):
        """A real configuration; `parts` replace whole top-level keys."""
        return {"sensor": {"name": "live"}, "interfaces": [{"name": "mon0"}],
                "journal": {"path": str(self.folder / "journal.db"), "size": "16MiB"},
                "http": {"listen": f"127.0.0.1:{HTTP_PORT}"}, **parts}

    def daemon(self, config=None, ready=True, **more):
        daemon = Daemon(self, config or self.config(), **more)
        return daemon.ready() if ready else daemon

    def sender(self):
        """The compiled packet sender: ../shared/bench/livesend.c, else our own."""
        theirs = self.shared / "bench/livesend.c" if self.shared else None
        source = theirs if theirs and theirs.exists() else HERE / "send.c"
        target = self.build / "livesend"
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            self.build.mkdir(parents=True, exist_ok=True)
            command("gcc", "-O2", "-o", target, source)
        return target


def end_quietly(signum, _):
    sys.exit(128 + signum)                            # so that the Stage's __exit__ runs


signal.signal(signal.SIGTERM, end_quietly)
