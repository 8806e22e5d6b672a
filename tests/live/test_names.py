"""bind9 with dig and the C library: names that do not exist, a slow, a failing, a refusing and a silent server; and who must
not go out."""
import shutil
import signal
import socket
import threading

from harness import SENSOR, expect, inside, until
from servers import Server, folder_of, found, need, nginx, own, text_file, together, verdict

GOOD, SLOW, FAILING, SILENT, REFUSING = (f"10.77.0.{last}" for last in (53, 54, 55, 56, 57))
UPSTREAM, DELAYED = 5300, 5301                     # on the peer's loopback: the healthy named, and a late way to it
ZONES = [f"zone{number}.test" for number in range(1, 11)]
OUTSIDE, OUTSIDE_SILENT = "198.51.100.9", "198.51.100.66"
FREE, LISTED, UPDATED = "10.77.0.7", "10.77.0.8", "10.77.0.9"      # more addresses of the sensor; the first may go out


def zone(*records):
    return "\n".join(["$TTL 60", "@ SOA ns.servers.test. admin.servers.test. 1 3600 600 86400 60", "@ NS ns.servers.test.", *records, ""])


def named(stage, name, address, options, zones, more_ports=""):
    """`zones`: {origin: file's text}."""
    folder = folder_of(stage, name)
    parts = []
    for number, (origin, text) in enumerate(zones.items()):
        path = text_file(folder / f"zone{number}", text)
        parts.append(f'zone "{origin}" {{ type primary; file "{path}"; check-names ignore; }};')
    config = text_file(folder / "named.conf", f"""
        options {{
            directory "{folder}"; pid-file none; session-keyfile none; listen-on {{ {address}; }}; listen-on-v6 {{ none; }};
            {more_ports} allow-query {{ any; }}; dnssec-validation no; minimal-responses yes; max-udp-size 1232; {options}
        }};
        controls {{ }};
        {' '.join(parts)}
        """)
    # A copy: where AppArmor is on, the program at its own path may read its own configuration only.
    program = shutil.copy2(found("named"), folder / "named")
    return Server(stage, "peer", name, [program, "-g", "-n", "1", "-c", config], [(address, 53)], [(address, 53)],
                  "all zones loaded")


class LateUpstream:
    """Passes queries on after a pause: the forwarder behind a slow name server."""

    def __init__(self, stage, pause):
        self.space, self.pause = stage.names["peer"], pause
        with inside(self.space):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("127.0.0.1", DELAYED))
        stage.closing.append(self.socket.close)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            while True:
                timer = threading.Timer(self.pause, self.answer, self.socket.recvfrom(4096))
                timer.daemon = True
                timer.start()
        except OSError:
            return

    def answer(self, query, asker):
        with inside(self.space):
            upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with upstream:
            upstream.settimeout(2)
            upstream.sendto(query, ("127.0.0.1", UPSTREAM))
            self.socket.sendto(upstream.recv(4096), asker)


def dig(stage, server, *questions):
    """The status of each question's answer, '' where none came.  A question: name, or 'name type'."""
    path = text_file(stage.folder / f"questions{threading.get_ident()}", "".join(f"{one}\n" for one in questions))
    done = stage.sensor("dig", f"@{server}", "+tries=1", "+timeout=1", "-f", path, check=False)
    return [line.split("status: ")[1].split(",")[0] for line in done.stdout.splitlines() if "status: " in line]


def answered(stage, server, want, *questions):
    got = dig(stage, server, *questions)
    expect(set(got) <= {want} and bool(got) == bool(want), f"{server} answered {got} to {questions}, not {want}")


def everywhere(stage, server, want, times=3):
    """Questions about ten zones, three askers at a time."""
    together(*[lambda part=part: answered(stage, server, want, *[f"host{number}-{part}.{ZONES[number % 10]}" for number in
                                                                 range(part * 8, part * 8 + 8)]) for part in range(times)])


def resolves(stage, resolver, name, works=True):
    """The C library asks, for A and AAAA at once, with a list of suffixes."""
    path = text_file(stage.folder / "resolv.conf", f"nameserver {resolver}\nsearch corp.test example.test\noptions timeout:1\n")
    done = stage.sensor("sh", "-c", f"mount --bind {path} /etc/resolv.conf && exec getent -s dns ahosts {name}", check=False)
    expect((done.returncode == 0) == works, f"getent {name}: status {done.returncode}: {done.stderr[-200:]}")


def healthy_names(stage):
    resolves(stage, GOOD, "www")                                    # www.corp.test does not exist, www.example.test does
    resolves(stage, GOOD, "www")
    resolves(stage, GOOD, "shop.example.test")                      # AAAA: no data
    answered(stage, GOOD, "NXDOMAIN", *["7.0.77.10.in-addr.arpa PTR"] * 4, *["_ldap._tcp.corp.test SRV"] * 4,
             *["2.0.77.10.zen.spamhaus.org A"] * 6, *["_dmarc.corp.test A"] * 4, "mistyped.example.test")
    answered(stage, GOOD, "NOERROR", *["shop.example.test AAAA"] * 8, "long.example.test TXT", *["gone.example.test"] * 3)
    everywhere(stage, GOOD, "NOERROR")


def test_name_servers_and_names(stage):
    need("dig", "getent")
    own(stage, "peer", GOOD, SLOW, FAILING, SILENT, REFUSING)
    filled = {origin: zone("* A 10.77.0.80", "* AAAA fd77::80") for origin in ZONES}
    example = ["www A 10.77.0.80", "www AAAA fd77::80", "shop A 10.77.0.81",
               "long TXT " + " ".join(f'"{"x" * 200}"' for _ in range(9))]
    own_zones = {"example.test": zone(*example, "gone A 10.77.0.82"), "corp.test": zone(), "spamhaus.org": zone(),
                 "77.10.in-addr.arpa": zone(), **filled}
    forwards = lambda port: f"recursion yes; forward only; forwarders {{ 127.0.0.1 port {port}; }};"      # noqa: E731
    mine = {"example.test": zone(*example)}
    LateUpstream(stage, 0.7)
    good = named(stage, "good", GOOD, "recursion no;", own_zones, f"listen-on port {UPSTREAM} {{ 127.0.0.1; }};")
    silent = named(stage, "silent", SILENT, "recursion no;", filled)
    servers = [good, silent, named(stage, "slow", SLOW, forwards(DELAYED), mine), named(stage, "failing", FAILING, forwards(9), mine),
               named(stage, "refusing", REFUSING, "recursion no;", mine)]
    daemon = stage.daemon()
    together(*[server.ready for server in servers])
    healthy_names(stage)
    for address in (SLOW, FAILING, REFUSING):
        answered(stage, address, "NOERROR", *["www.example.test"] * 4)
    everywhere(stage, SILENT, "NOERROR")
    # A name that is taken out of its zone, and one that never was.
    text_file(stage.folder / "good" / "zone0", own_zones["example.test"].replace("gone A", "left A").replace(" 1 3600", " 2 3600"))
    good.process.send_signal(signal.SIGHUP)
    until(lambda: dig(stage, GOOD, "gone.example.test") == ["NXDOMAIN"], 10, "the name is gone")
    answered(stage, GOOD, "NXDOMAIN", *["gone.example.test"] * 4, *["nowhere.example.test"] * 4)
    silent.process.send_signal(signal.SIGSTOP)
    together(lambda: everywhere(stage, SLOW, "NOERROR"), lambda: everywhere(stage, FAILING, "SERVFAIL"),
             lambda: everywhere(stage, REFUSING, "REFUSED"), lambda: everywhere(stage, SILENT, ""))
    verdict(daemon, {
        ("dns_name_error", f"{GOOD}, gone.example.test"): {
            "says": f"Name server {GOOD} says that gone.example.test does not exist", "ends": {"source.ip": GOOD, "source.port": 53},
            "evidence": {"rcode": 3, "resolved_before": True}},
        ("dns_name_error", f"{GOOD}, nowhere.example.test"): {"confidence": "low", "evidence": {"resolved_before": False}},
        ("dns_slow", SLOW): {"says": f"Name server {SLOW} took longer than 500 ms for", "evidence": {"slow_share": lambda x: x > 0.5}},
        ("dns_server_failing", FAILING): {"says": " SERVFAIL", "severity": "error", "evidence": {"answered_before": True}},
        ("dns_server_failing", REFUSING): {"says": " REFUSED", "severity": "error", "evidence": {"servfail": 0, "silent": 0}},
        ("dns_server_failing", SILENT): {"says": " unanswered", "severity": "error", "evidence": {"servfail": 0, "refused": 0}},
    }, symptoms={"udp_request_unanswered"})


def gets(stage, url, resolver, source, agent, good=True):
    """curl with the name resolved by the C library at our own server."""
    path = text_file(stage.folder / "resolv.conf", f"nameserver {resolver}\n")
    done = stage.sensor("sh", "-c", f"mount --bind {path} /etc/resolv.conf && exec curl -sS -4 -m 2 -o /dev/null --interface {source} "
                                    f"-A '{agent}' {url}", check=False)
    expect((done.returncode == 0) == good, f"curl {url} from {source}: status {done.returncode}: {done.stderr[-200:]}")


def test_who_must_not_go_out(stage):
    need("curl")
    own(stage, "peer", GOOD, OUTSIDE)
    own(stage, "sensor", FREE, LISTED, UPDATED)
    names = named(stage, "good", GOOD, "recursion no;", {
        "ca.test": zone(f"crl A {OUTSIDE}", f"ocsp A {OUTSIDE_SILENT}", f"www A {OUTSIDE}"), "example.test": zone("inside A 10.77.0.2")})
    web = nginx(stage, "peer", "outside", "server { listen 80; location / { return 200 list; } }", [(OUTSIDE, 80)])
    names.ready()
    web.ready()
    daemon = stage.daemon(stage.config(site={"no_internet_hosts": [SENSOR, LISTED, UPDATED]}))
    gets(stage, "http://crl.ca.test/root.crl", GOOD, FREE, "Microsoft-CryptoAPI/10.0")
    gets(stage, "http://inside.example.test/", GOOD, SENSOR, "curl")
    # The C library asks from the first address, whatever curl goes out from.
    gets(stage, "http://ocsp.ca.test/q", GOOD, SENSOR, "x", good=False)
    gets(stage, "http://crl.ca.test/root.crl", GOOD, LISTED, "Microsoft-CryptoAPI/10.0")
    gets(stage, "http://www.ca.test/news", GOOD, UPDATED, "Updater/3")
    told = lambda source, **evidence: {"says": f"{source} must not talk to the Internet, but asked",      # noqa: E731
                                       "ends": {"source.ip": source}, "evidence": evidence}
    verdict(daemon, {
        ("unexpected_egress", SENSOR): told(SENSOR, classification="crl_fetch_suspected", dns_name="ocsp.ca.test", answered=False),
        ("unexpected_egress", LISTED): told(
            LISTED, classification="crl_fetch", answered=True, user_agent="Microsoft-CryptoAPI/10.0",
            uris=lambda uris: any("/root.crl" in uri for uri in uris)),
        ("unexpected_egress", UPDATED): told(UPDATED, classification="unknown", answered=True)})
