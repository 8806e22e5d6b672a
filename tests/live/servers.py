"""Real servers from Debian for the live tests: started in a namespace from files of the test's own, ended with the stage.

Nothing of the machine's own configuration is read or written, and no service of it is started.
"""
import os
import shutil
import socket
import threading
import time
from pathlib import Path

from harness import Failed, command, expect, inside, until

SYSTEM_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
WATCH_S = 6.0                                    # sums leave the daemon every five seconds


def need(*programs):
    """The test fails, and says why, where one of them is not installed."""
    missing = [name for name in programs if not shutil.which(name, path=SYSTEM_PATH)]
    expect(not missing, f"not installed: {', '.join(missing)} (./dev test installs the packages of test_packages)")


def found(program):
    need(program)
    return shutil.which(program, path=SYSTEM_PATH)


def own(stage, where, *addresses):
    """More addresses for the namespace's end of the cable."""
    link = {"sensor": "mon0", "peer": "peer0"}[where]
    for address in addresses:
        wide = 64 if ":" in address else 24
        command("ip", "-n", stage.names[where], "addr", "add", f"{address}/{wide}", "dev", link, *(["nodad"] if wide == 64 else []))


def folder_of(stage, name):
    folder = stage.folder / name
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)                          # servers give up being root
    return folder


def text_file(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    return path


def listening(stage, where, address, port, udp=False):
    """Somebody listens at the port, on the address or on all of them."""
    shown = stage.run(where, "ss", "-Hnu" if udp else "-Hnt", "-l").stdout
    ends = {line.split()[3] for line in shown.splitlines()}
    return any(f"{one}:{port}" in ends for one in (address, f"[{address}]", "0.0.0.0", "*", "[::]"))


class Server:
    """A started program: its log, and the wait for its ports [(address, port)] and for what it logs once it is ready."""

    def __init__(self, stage, where, name, words, ports=(), udp=(), says=""):
        self.stage, self.where, self.name, self.ports, self.udp, self.says = stage, where, name, ports, udp, says
        self.log = stage.folder / f"{name}.out"
        with open(self.log, "wb") as log:
            self.process = stage.start(where, *words, stdout=log, stderr=log)

    def ready(self, seconds=20):
        def is_there():
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended with status {self.process.poll()}: {self.log.read_text(errors='replace')[-600:]}")
            return (self.says in self.log.read_text(errors="replace")
                    and all(listening(self.stage, self.where, *end) for end in self.ports)
                    and all(listening(self.stage, self.where, *end, udp=True) for end in self.udp))
        until(is_there, seconds * self.stage.patience,
              lambda: f"{self.name} listens; its log: {self.log.read_text(errors='replace')[-600:]}")
        return self


def nginx(stage, where, name, servers, ports):
    """`servers` is what stands inside http { }."""
    folder = folder_of(stage, name)
    config = text_file(folder / "nginx.conf", f"""
        daemon off; user root; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 256; }}
        http {{
            access_log off; types {{ text/html html; text/plain txt; application/octet-stream crl bin; }}
            client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
            uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
            {servers}
        }}
        """)
    return Server(stage, where, name, [found("nginx"), "-c", config, "-e", folder / "error.log"], ports)


class Authority:
    """A certification authority of the test's own, made with openssl."""

    def __init__(self, stage, name="root"):
        need("openssl")
        self.folder = folder_of(stage, f"pki-{name}")
        self.certificate = self.folder / "ca.pem"
        command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
                "-subj", f"/O=Test/CN=Test {name}", "-keyout", self.folder / "ca.key", "-out", self.certificate)
        text_file(self.folder / "serial", "1000\n")
        self.key = self.folder / "leaf.key"              # one for all: making them takes longer than all else
        command("openssl", "genrsa", "-out", self.key, "2048")
        self.key.chmod(0o644)
        self.number = 0

    def issue(self, common_name, names, begin_days=-30, end_days=365):
        """(certificate, key) for the names, from and until so many days from now."""
        self.number += 1
        base = self.folder / f"leaf{self.number}"
        day = lambda days: time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))   # noqa: E731
        text_file(base.with_suffix(".index"), "")
        text_file(base.with_suffix(".cnf"), f"""
            [ca]\ndefault_ca = own
            [own]\ndatabase = {base}.index\nserial = {self.folder}/serial\nnew_certs_dir = {self.folder}\ndefault_md = sha256
            policy = any\nx509_extensions = leaf\ncertificate = {self.certificate}\nprivate_key = {self.folder}/ca.key
            [any]\ncommonName = supplied
            [leaf]\nsubjectAltName = {','.join(names)}\nbasicConstraints = CA:FALSE
            """)
        command("openssl", "req", "-new", "-key", self.key, "-subj", f"/CN={common_name}", "-out", base.with_suffix(".csr"))
        command("openssl", "ca", "-batch", "-notext", "-config", base.with_suffix(".cnf"), "-in", base.with_suffix(".csr"),
                "-out", base.with_suffix(".pem"), "-startdate", day(begin_days), "-enddate", day(end_days))
        return base.with_suffix(".pem"), self.key


def fingerprint(certificate):
    """SHA-256 of the certificate, lower case without colons."""
    text = command("openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256").stdout
    return text.strip().split("=")[1].replace(":", "").lower()


def with_user(stage, *words):
    """The words of a command that sees a user joe, password geheim, in /etc/passwd; nobody else does."""
    passwd, shadow = stage.folder / "passwd", stage.folder / "shadow"
    if not passwd.exists():
        home = folder_of(stage, "home")
        hashed = command("openssl", "passwd", "-6", "geheim").stdout.strip()
        text_file(passwd, Path("/etc/passwd").read_text(encoding="utf-8") + f"joe:x:61111:61111::{home}:/bin/sh\n")
        text_file(shadow, Path("/etc/shadow").read_text(encoding="utf-8") + f"joe:{hashed}:19000:0:99999:7:::\n").chmod(0o600)
    return ["sh", "-c", f'mount --bind {passwd} /etc/passwd && mount --bind {shadow} /etc/shadow && exec "$@"', "sh", *words]


def together(*calls):
    """Runs the calls in threads of their own; gives what they return, and raises the first that failed."""
    results, errors = [None] * len(calls), []

    def run(number, call):
        try:
            results[number] = call()
        except BaseException as error:               # carried over to the caller
            errors.append(error)
    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def echo_server(stage, where, address, port, answer):
    """A UDP socket; answer(datagram, number) gives what to send back, or None."""
    with inside(stage.names[where]):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.bind((address, port))
    stage.closing.append(sock.close)

    def serve():
        number = 0
        try:
            while True:
                data, asker = sock.recvfrom(65536)
                number += 1
                reply = answer(data, number)
                if reply is not None:
                    sock.sendto(reply, asker)
        except OSError:
            return
    threading.Thread(target=serve, daemon=True).start()
    return sock


def key_of(alert):
    return alert["rule"]["id"], alert["wiresage"]["entity"]


def check_alert(alert, want):
    """want: `says`, words of the message; `ends`, {"source.ip": ...}; `evidence`, values or tests of them."""
    rule, message = alert["rule"]["id"], alert["message"]
    for words in [want.get("says", "")] if isinstance(want.get("says", ""), str) else want["says"]:
        expect(words in message, f"{rule} says '{message}', and not '{words}'")
    for end, value in want.get("ends", {}).items():
        side, field = end.split(".")
        given = alert.get(side, {}).get(field)
        expect(given == value, f"{rule}: {end} is {given}, not {value}: {message}")
    for field in ("severity", "confidence", "urgency"):
        if field in want:
            given = alert["wiresage"].get(field)
            expect(given == want[field], f"{rule}: {field} is {given}, not {want[field]}: {message}")
    for name, value in want.get("evidence", {}).items():
        given = alert["wiresage"]["evidence"].get(name)
        good = value(given) if callable(value) else given == value
        expect(good, f"{rule}: {name} is {given}{'' if callable(value) else f', not {value}'}: {message}")


def verdict(daemon, wanted, seconds=30, symptoms=()):
    """The daemon says exactly `wanted`, {(rule, entity): want}; `symptoms` are rules that may speak as well where the fault
    is theirs too.  An alert that fires is told again once its counts have doubled: which of them it shows is chance."""
    seen = {}

    def all_there():
        seen.clear()
        seen.update({key_of(alert): alert for alert in daemon.alerts()})
        return not set(wanted) - set(seen)

    def told():
        missing = sorted(set(wanted) - set(seen))
        return f"missing {missing}; there were {sorted(set(seen) - set(wanted))}; log: {daemon.log()[-300:]}"
    until(all_there, seconds * daemon.stage.patience, told)
    over = time.monotonic() + WATCH_S                # what would speak up wrongly is given the time to
    while time.monotonic() < over:
        all_there()
        wrong = [f"{alert['rule']['id']} ({alert['wiresage']['severity']}, {alert['wiresage']['entity']}): {alert['message']}"
                 for key, alert in seen.items() if key not in wanted and key[0] not in symptoms]
        expect(not wrong, f"spoke up without reason: {wrong}")
        time.sleep(0.5)
    for key, want in wanted.items():
        check_alert(seen[key], want)
        if "caused_by" in want:
            given = seen[key]["wiresage"]["caused_by"]
            expect(given == seen[want["caused_by"]]["event"]["id"], f"{key}: caused_by is {given}, not {want['caused_by']}")
    return seen


def path_of(name):
    return Path(__file__).resolve().parent / name
