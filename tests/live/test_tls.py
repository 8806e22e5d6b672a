"""openssl s_server with expired, wildcard, wrong-name and unknown certificates, over TLS 1.0 to 1.3; s_client and curl ask."""
import socket

from harness import PEER, SENSOR, expect, inside
from servers import Authority, Server, fingerprint, found, need, together, verdict

NAME = "www.example.test"
OLD = ("-cipher", "ALL:@SECLEVEL=0")


class Offer:
    """A port, what it shows there, and further options."""

    def __init__(self, port, shows, *options, where="sensor"):
        self.port, self.shows, self.options, self.where = port, shows, options, where
        self.address = SENSOR if where == "sensor" else PEER

    def start(self, stage):
        certificate, key = self.shows
        words = [found("openssl"), "s_server", "-accept", f"{self.address}:{self.port}", "-cert", certificate, "-key", key, "-www"]
        return Server(stage, self.where, f"tls{self.port}", [*words, *self.options], [(self.address, self.port)])


class Client:
    def __init__(self, stage, authority):
        self.stage, self.authority = stage, authority

    def asks(self, offer, *options, name=NAME, times=1, good=True, verify=True):
        """s_client shakes hands so many times; all of them succeed, or all fail."""
        strict = ["-CAfile", self.authority.certificate, "-verify_return_error", "-verify_hostname", name] if verify else []
        run = self.stage.peer if offer.where == "sensor" else self.stage.sensor
        for _ in range(times):
            done = run("openssl", "s_client", "-connect", f"{offer.address}:{offer.port}", "-servername", name, *strict, *options,
                       check=False)
            finished = done.returncode == 0 and "Cipher is (NONE)" not in done.stdout
            expect(finished == good, f"s_client {offer.port} {options}: {'failed' if good else 'worked'}: {done.stderr[-300:]}")

    def fetches(self, offer, *options, name=NAME, status=0):
        done = self.stage.peer("curl", "-sS", "-m", "5", "-o", "/dev/null", "--cacert", self.authority.certificate, "--resolve",
                               f"{name}:{offer.port}:{offer.address}", *options, f"https://{name}:{offer.port}/", check=False)
        expect(done.returncode == status, f"curl {offer.port}: {done.returncode}, not {status}: {done.stderr[-300:]}")


def only_looks(stage, port):
    """A port check: connects and leaves."""
    with inside(stage.names["peer"]):
        socket.create_connection((SENSOR, port), timeout=5).close()


def works(stage, client, good, wild, unknown):
    session = stage.folder / "session.pem"
    for version in ("-tls1_2", "-tls1_3"):
        client.asks(good, version, "-sess_out", session, times=2)
        client.asks(good, version, "-sess_in", session, "-alpn", "http/1.1", times=3)
        client.asks(wild, version, name="a.wild.test", times=2)
        client.asks(unknown, version, verify=False, times=6)          # a private authority, and a client that does not mind
    client.fetches(good)
    client.fetches(good, "--tls-max", "1.2")
    client.fetches(wild, name="b.wild.test")
    for _ in range(5):
        only_looks(stage, good.port)


def test_certificates_and_versions(stage):
    need("openssl", "curl")
    authority, stranger = Authority(stage), Authority(stage, "other")
    www = authority.issue(NAME, [f"DNS:{NAME}"])
    expired = authority.issue(NAME, [f"DNS:{NAME}"], begin_days=-90, end_days=-3)
    soon = authority.issue(NAME, [f"DNS:{NAME}"], end_days=5)
    wildcard = authority.issue("*.wild.test", ["DNS:*.wild.test"])
    other = authority.issue("mail.example.test", ["DNS:mail.example.test", "DNS:imap.example.test"])
    offers = {
        "good": Offer(4430, www), "wild": Offer(4431, wildcard), "unknown": Offer(4432, stranger.issue(NAME, [f"DNS:{NAME}"])),
        "expired": Offer(4433, expired), "expired13": Offer(4434, expired, "-tls1_3"), "wrong": Offer(4435, other),
        "deep": Offer(4436, wildcard), "old": Offer(4437, www, "-tls1", *OLD), "only12": Offer(4438, www, "-tls1_2"),
        "soon": Offer(4439, soon), "stranger": Offer(4440, stranger.issue(NAME, [f"DNS:{NAME}"])),
        "theirs": Offer(4441, other, where="peer"), "mutual": Offer(4442, www, "-Verify", "1", "-verify_return_error", "-tls1_2")}
    servers = [offer.start(stage) for offer in offers.values()]
    daemon = stage.daemon()
    together(*[server.ready for server in servers])
    client = Client(stage, authority)
    works(stage, client, offers["good"], offers["wild"], offers["unknown"])
    together(
        lambda: client.asks(offers["expired"], "-tls1_2", times=6, good=False),
        lambda: client.asks(offers["expired13"], "-tls1_3", times=6, good=False),
        lambda: client.asks(offers["wrong"], "-tls1_2", times=3, good=False),
        lambda: client.asks(offers["deep"], "-tls1_2", name="a.b.wild.test", times=3, good=False),
        lambda: client.asks(offers["old"], "-tls1", *OLD),
        lambda: client.asks(offers["only12"], "-tls1_3", times=6, good=False),
        lambda: client.asks(offers["soon"], "-tls1_2"),
        lambda: client.asks(offers["stranger"], "-tls1_2", times=4, good=False),
        lambda: client.asks(offers["theirs"], "-tls1_2", verify=False),
        lambda: client.asks(offers["mutual"], "-tls1_2", times=6, good=False))
    service = lambda name: f"{offers[name].address}:{offers[name].port}"      # noqa: E731
    verdict(daemon, {
        ("tls_certificate_expired", f"{service('expired')}, {fingerprint(expired[0])}"): {
            "says": [f"{service('expired')} shows a certificate ({NAME}) that ended 3 days ago"], "severity": "warning",
            "evidence": {"failed": True}},
        ("tls_certificate_expired", f"{service('soon')}, {fingerprint(soon[0])}"): {"severity": "info", "evidence": {"failed": False}},
        ("tls_certificate_rejected", f"{service('expired')}, {NAME}"): {
            "says": [f"{PEER} ended ", f" handshakes with {service('expired')} right after its certificate"],
            "ends": {"source.ip": PEER, "destination.port": 4433}, "evidence": {"alert": 45, "tls_version": "1.2"}},
        ("tls_certificate_rejected", f"{service('stranger')}, {NAME}"): {"evidence": {"alert": 48}},
        ("tls_certificate_rejected", f"{service('wrong')}, mail.example.test"): {"evidence": {"name_matches": False, "sni": NAME}},
        ("tls_certificate_rejected", f"{service('deep')}, *.wild.test"): {"evidence": {"wildcard": True, "name_matches": False}},
        ("tls_name_mismatch", f"{service('wrong')}, {NAME}"): {
            "says": f"{service('wrong')} was asked for {NAME} and showed a certificate for mail.example.test", "severity": "warning",
            "evidence": {"failed": True}},
        ("tls_name_mismatch", f"{service('deep')}, a.b.wild.test"): {"severity": "warning", "evidence": {"san": ["*.wild.test"]}},
        ("tls_name_mismatch", f"{service('theirs')}, {NAME}"): {"severity": "info", "evidence": {"failed": False}},
        ("tls_obsolete_version", service("old")): {"says": "speaks TLS 1.0", "severity": "info", "evidence": {"tls_version": "1.0"}},
        ("tls_handshake_failed", service("expired")): {"caused_by": ("tls_certificate_rejected", f"{service('expired')}, {NAME}")},
        ("tls_handshake_failed", service("only12")): {
            "says": f" TLS handshakes with {SENSOR}:", "evidence": {"alert_name": "protocol_version", "ended_side": "server"}},
        ("tls_handshake_failed", service("mutual")): {"says": f" TLS handshakes with {SENSOR}:", "evidence": {"ended_side": "server"}},
        ("tls_handshake_failed", service("expired13")): {"says": f" TLS handshakes with {SENSOR}:", "evidence": {"ended_side": "client"}},
    })
