"""nginx over TLS 1.2 and 1.3, and curl, which writes its secrets into a file that the daemon watches."""
from harness import SENSOR, expect
from servers import Authority, need, nginx, text_file, verdict

NAME = "www.example.test"
KNOWN, UNKNOWN = 4430, 4431


def test_http_inside_tls_is_read_where_the_secrets_are_known(stage):
    need("nginx", "openssl", "curl")
    authority = Authority(stage)
    certificate, key = authority.issue(NAME, [f"DNS:{NAME}"])
    ends = [(SENSOR, KNOWN), (SENSOR, UNKNOWN)]
    listens = "".join(f"listen {address}:{port} ssl; " for address, port in ends)
    server = nginx(stage, "sensor", "https", f"""
        server {{
            {listens} ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;
            location / {{ return 200 "fine"; }}
            location /broken {{ return 500 "broken"; }}
        }}""", ends)
    keys = text_file(stage.folder / "keys.log", "")
    daemon = stage.daemon(stage.config(tls={"keylog": str(keys)}))
    server.ready()

    def asks(port, page, *options):
        logged = [f"SSLKEYLOGFILE={keys}"] if port == KNOWN else []
        done = stage.peer("env", *logged, "curl", "-sS", "-m", "5", "-o", "/dev/null", "--cacert", authority.certificate, "--resolve",
                          f"{NAME}:{port}:{SENSOR}", *options, f"https://{NAME}:{port}/{page}", check=False)
        expect(done.returncode == 0, f"curl {port}: {done.returncode}: {done.stderr[-300:]}")

    for options in (["--tls-max", "1.2"], ["--tlsv1.3"], ["--tlsv1.3", "--tls13-ciphers", "TLS_CHACHA20_POLY1305_SHA256"]):
        for _ in range(4):
            asks(KNOWN, "", *options)
            asks(KNOWN, "broken", *options)
            asks(UNKNOWN, "broken", *options)
    verdict(daemon, {("http_server_error", f"{SENSOR}:{KNOWN}, {NAME}"): {
        "says": "the first GET /broken with 500", "severity": "warning",
        "evidence": {"decrypted": True, "status": 500, "uri": "/broken", "count": lambda count: count > 4}}})     # more than one version gives
    secrets = [word for line in keys.read_text(encoding="ascii").splitlines() if not line.startswith("#") for word in line.split()[1:]]
    expect(len(secrets) > 48, "curl wrote no secrets")
    said = daemon.log() + str(daemon.alerts()) + daemon.request("GET", "/metrics")[1]
    expect(not [word for word in secrets if word in said], "a secret is in the log, in an alert or in a metric")
