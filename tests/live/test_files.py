"""vsftpd with nftables in between, and samba: data connections that are blocked, logins in the clear, sessions that are
refused, a program that reads in small pieces, answers whose end comes late."""
import base64
import json
import os
import socket
import struct
import subprocess
import time

from harness import PEER, SENSOR, command, expect
from servers import Authority, Server, folder_of, found, need, nginx, own, text_file, together, verdict, with_user
from test_delay import CLIENT, Relay, client_behind

BEHIND, BEHIND_TOO = "10.78.0.2", "10.78.0.3"              # FTP's clients, behind the firewall
SECRET = "geheim"
TAIL_S = 0.15                                              # under the 0.2 s after which Linux sends again


def firewalled(stage):
    """A namespace `client` behind the peer, which forwards what its rules let through."""
    name = f"wsl-client-{os.getpid()}"
    stage.names["client"] = name
    peer = stage.names["peer"]
    command("ip", "netns", "add", name)
    command("ip", "-n", name, "link", "set", "lo", "up")
    command("ip", "-n", peer, "link", "add", "fw0", "type", "veth", "peer", "name", "client0", "netns", name)
    for space, link, addresses in ((peer, "fw0", ["10.78.0.1"]), (name, "client0", [BEHIND, BEHIND_TOO])):
        for address in addresses:
            command("ip", "-n", space, "addr", "add", f"{address}/24", "dev", link)
        command("ip", "-n", space, "link", "set", link, "up")
    command("ip", "-n", name, "route", "add", "default", "via", "10.78.0.1")
    stage.sysctl("peer", net__ipv4__ip_forward=1)


def block(stage, client, how):
    """No new connections to the client from outside."""
    stage.peer(found("nft"), "add table ip wall; add chain ip wall fw { type filter hook forward priority 0; }; "
                             f"add rule ip wall fw ip daddr {client} tcp flags & (syn|ack) == syn {how}")


def vsftpd(stage, name, port, *more):
    folder = folder_of(stage, name)
    root = folder / "root"
    root.mkdir()
    (root / "file.bin").write_bytes(os.urandom(300_000))
    for path, mode in ((folder, 0o755), (root, 0o755), (root / "file.bin", 0o644)):
        path.chmod(mode)
    config = text_file(folder / "vsftpd.conf", "\n".join([
        "listen=YES", "background=NO", f"listen_address={SENSOR}", f"listen_port={port}", "connect_from_port_20=YES", "connect_timeout=4",
        f"anon_root={root}", f"secure_chroot_dir={folder}", "seccomp_sandbox=NO", "pam_service_name=vsftpd", "port_enable=YES",
        "pasv_min_port=50000", "pasv_max_port=50100", "write_enable=YES", *more, ""]))
    config.chmod(0o600)
    return Server(stage, "sensor", name, with_user(stage, found("vsftpd"), config), [(SENSOR, port)])


def transfer(stage, url, *options, status=0, source=BEHIND):
    """`status`: curl's; None: it fails."""
    done = stage.run("client", "curl", "-sS", "-m", "20", "--interface", source, "-o", "/dev/null", *options, url, check=False)
    good = done.returncode == status if status is not None else done.returncode != 0
    expect(good, f"curl {options} {url}: status {done.returncode}, not {status}: {done.stderr[-300:]}")


def says_no_secret(stage, daemon):
    """Neither an alert nor the log nor the metrics hold a password, plain or in base64."""
    shown = json.dumps(daemon.alerts()) + daemon.log() + daemon.request("GET", "/metrics")[1]
    for form in (SECRET, base64.b64encode(f"joe:{SECRET}".encode()).decode(), base64.b64encode(SECRET.encode()).decode()):
        expect(form not in shown, f"the secret is shown: {form}")


def test_ftp_through_a_firewall_and_logins_in_the_clear(stage):
    need("curl", "nft")
    firewalled(stage)
    certificate, key = Authority(stage).issue("ftp.test", [f"IP:{SENSOR}"])
    closed = vsftpd(stage, "ftp-users", 21, "anonymous_enable=NO", "local_enable=YES")
    public = vsftpd(stage, "ftp-public", 2121, "anonymous_enable=YES", "local_enable=YES", "ssl_enable=YES", "require_ssl_reuse=NO",
                    f"rsa_cert_file={certificate}", f"rsa_private_key_file={key}", "force_local_logins_ssl=NO")
    hashed = stage.peer("openssl", "passwd", "-apr1", SECRET).stdout.strip()
    users = text_file(stage.folder / "users", f"joe:{hashed}\n")
    web = nginx(stage, "sensor", "members", f"""
        ssl_certificate {certificate}; ssl_certificate_key {key}; root {stage.folder};
        server {{ listen {SENSOR}:80; location = /users {{ auth_basic members; auth_basic_user_file {users}; }} }}
        server {{ listen {SENSOR}:443 ssl; location = /users {{ auth_basic members; auth_basic_user_file {users}; }} }}""",
                [(SENSOR, 80), (SENSOR, 443)])
    (stage.folder / "home" / "file.bin").write_bytes(os.urandom(5_000_000))   # More than sockets hold.
    daemon = stage.daemon()
    together(closed.ready, public.ready, web.ready)
    login, plain, anonymous = ["-u", f"joe:{SECRET}"], f"ftp://{SENSOR}/file.bin", f"ftp://{SENSOR}:2121/file.bin"
    for options in ([], ["--disable-epsv"], ["-P", "-"], ["-P", "-", "--disable-eprt"]):
        transfer(stage, anonymous, *options)
    transfer(stage, anonymous, "-k", "--ssl-reqd", *login)                         # in TLS
    transfer(stage, f"https://{SENSOR}/users", "-k", *login)
    transfer(stage, anonymous, "--limit-rate", "20k", "-m", "1", status=28)      # the user goes away
    block(stage, BEHIND, "drop")
    block(stage, BEHIND_TOO, "reject with tcp reset")
    transfer(stage, anonymous)                                                     # passive goes through all the same
    transfer(stage, plain, *login)
    transfer(stage, f"http://{SENSOR}/users", *login)
    together(lambda: transfer(stage, anonymous, "-P", "-", status=None), lambda: transfer(stage, anonymous, "-P", "-", "--disable-eprt", status=None),
             lambda: transfer(stage, anonymous, "-P", "-", status=None, source=BEHIND_TOO))
    verdict(daemon, {
        ("ftp_active_data_blocked", f"{BEHIND}>{SENSOR}:2121"): {
            "says": [f"{SENSOR}:2121 could not open the data connection to {BEHIND}:", "unanswered, reply 425"],
            "ends": {"source.ip": BEHIND, "destination.port": 2121}, "severity": "error",
            "evidence": {"refused": False, "data_sport": 20, "reply_code": 425}},
        ("ftp_active_data_blocked", f"{BEHIND_TOO}>{SENSOR}:2121"): {"says": "refused, reply 425", "evidence": {"refused": True}},
        ("cleartext_credentials", f"{SENSOR}:21, ftp"): {
            "says": f"sent credentials in the clear to {SENSOR}:21 (ftp)", "evidence": {"user": "joe", "peers": 1}, "severity": "info"},
        ("cleartext_credentials", f"{SENSOR}:80, http_basic"): {"evidence": {"user": "joe"}, "severity": "info"},
    })
    says_no_secret(stage, daemon)


class LateTail(Relay):
    """Holds the last segment of each large answer of one address' port 445 back."""

    def __init__(self, stage, delay):
        self.of, self.full = b"", False
        super().__init__(stage, delay)

    def delay_of(self, frame):
        if len(frame) < 54 or frame[12:14] != b"\x08\0" or frame[23] != 6 or frame[34:36] != b"\x01\xbd" or frame[26:30] != self.of:
            return self.delay
        length = struct.unpack_from("!H", frame, 16)[0]
        was_full, self.full = self.full, length == 1500
        return TAIL_S if was_full and 60 < length < 1500 else self.delay


def samba(stage, name, addresses, *more):
    folder = folder_of(stage, name)
    share = folder / "share"
    share.mkdir()
    (share / "big.bin").write_bytes(os.urandom(3 << 20))
    (share / "small.bin").write_bytes(os.urandom(1 << 20))
    share.chmod(0o777)
    inner = "\n".join(f"    {kind} = {folder_of(stage, f'{name}-{kind}'.replace(' ', '-'))}" for kind in
                      ("lock directory", "state directory", "cache directory", "private dir", "pid directory", "ncalrpc dir"))
    config = text_file(folder / "smb.conf", f"""
[global]
    workgroup = TEST
    netbios name = {name.upper()}
    interfaces = {' '.join(f'{one}/24' for one in addresses)}
    bind interfaces only = yes
    disable netbios = yes
    smb ports = 445
    load printers = no
    printing = bsd
    printcap name = /dev/null
    log file = {folder}/log
    max log size = 0
    passdb backend = tdbsam
    server min protocol = SMB2_02
    {chr(10).join(more)}
{inner}
[data]
    path = {share}
    read only = no
""")
    for kind in ("private-dir", "ncalrpc-dir"):
        (stage.folder / f"{name}-{kind}").chmod(0o755)
    stage.run("client", *with_user(stage, found("smbpasswd"), "-c", config, "-a", "-s", "joe"), input=f"{SECRET}\n{SECRET}\n")
    return Server(stage, "client", name, with_user(stage, found("smbd"), "-F", "--no-process-group", "-s", config),
                  [(one, 445) for one in addresses])


def smb(stage, server, share, *commands, secret=SECRET, good=True, options=()):
    done = stage.sensor("smbclient", f"//{server}/{share}", "-s", "/dev/null", "-U", f"joe%{secret}", *options, "-c",
                        ";".join(commands) or "ls", check=False, cwd=stage.folder)
    expect((done.returncode == 0) == good, f"smbclient //{server}/{share}: status {done.returncode}: {done.stdout[-300:]}{done.stderr[-200:]}")
    return done


def reads_in_pieces(stage, server, size, pause, pieces):
    """smbget writes into a pipe that is emptied slowly: it asks for the next piece once the last one fits."""
    process = stage.start("sensor", "smbget", "-q", "-O", "-b", size, "-U", f"joe%{SECRET}", f"smb://{server}/data/big.bin",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    got = 0
    for _ in range(pieces):
        got += len(process.stdout.read(size))
        time.sleep(pause)
    process.kill()
    expect(got == size * pieces, f"smbget gave {got} bytes: {process.stderr.read()[-300:]!r}")


def test_samba_and_its_clients(stage):
    need("smbclient", "smbget")
    relay = client_behind(stage, 0, relay=LateTail)
    healthy, wrong, absent, pieces, tail, strict = CLIENT, *(f"10.77.0.{last}" for last in (21, 22, 23, 24, 25))
    for one in (wrong, absent, pieces, tail, strict):
        command("ip", "-n", stage.names["client"], "addr", "add", f"{one}/24", "dev", "client0")
    servers = [samba(stage, "files", [healthy, wrong, absent, pieces, tail]), samba(stage, "strict", [strict], "server min protocol = SMB3_11")]
    daemon = stage.daemon()
    together(*[server.ready for server in servers])
    smb(stage, healthy, "data", "ls", "get big.bin", "put big.bin copy.bin", "get small.bin")
    smb(stage, healthy, "data", secret="mistyped", good=False)
    smb(stage, healthy, "data", "ls")
    smb(stage, healthy, "nothing", good=False)
    smb(stage, healthy, "data", "get copy.bin", options=["-m", "SMB2_02"])
    for _ in range(4):
        smb(stage, wrong, "data", secret="expired", good=False)
        smb(stage, absent, "gone", good=False)
        smb(stage, strict, "data", good=False, options=["-m", "SMB2_10"])
    relay.of = socket.inet_aton(tail)
    together(lambda: reads_in_pieces(stage, pieces, 16384, 0.02, 150), lambda: reads_in_pieces(stage, tail, 61440, 0, 16))
    for _ in range(3):                     # A busy machine's relay may be late by more than the rule calls constant.
        if not daemon.alerts("smb_read_tail_delay"):
            reads_in_pieces(stage, tail, 61440, 0, 32)
    verdict(daemon, {
        ("smb_session_refused", f"{wrong}:445>{SENSOR}"): {
            "says": [f"{wrong}:445 refused {SENSOR} at session_setup", "STATUS_LOGON_FAILURE"], "ends": {"source.ip": wrong}},
        ("smb_session_refused", f"{absent}:445>{SENSOR}"): {
            "says": "STATUS_BAD_NETWORK_NAME", "evidence": {"stage": "tree_connect", "share_name": lambda name: "gone" in name}},
        ("smb_session_refused", f"{strict}:445>{SENSOR}"): {"evidence": {"stage": "negotiate"}},
        ("smb_low_read_concurrency", f"{SENSOR}>{pieces}:445"): {
            "says": "big.bin", "evidence": {"dialect": "smb2"}},
        ("smb_read_tail_delay", f"{tail}:445>{SENSOR}"): {
            "says": f"{tail}:445 sends the last segment of its answers to reads of 61440 bytes 15", "evidence": {"ack_before_delay": True}},
    }, symptoms={"constant_tail_delay"})
    says_no_secret(stage, daemon)
