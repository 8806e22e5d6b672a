"""dnsmasq and clients that ask under many addresses: a busy morning, a partner, a stranger that answers, a starved pool."""
from harness import PEER, SENSOR, expect, until
from leases import Asker
from servers import Server, found, verdict
from test_delay import CLIENT, client_behind

NAME_SERVER = "10.77.0.53"


def dnsmasq(stage, where, name, link, first, last, router, names=NAME_SERVER):
    """Gives out addresses; names and settings of the machine are not looked at."""
    return Server(stage, where, name, [
        found("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--no-ping", "--no-hosts", "--no-resolv",
        f"--interface={link}", "--except-interface=lo", "--bind-interfaces", f"--dhcp-range={first},{last},1h", "--dhcp-authoritative",
        f"--dhcp-option=3,{router}", f"--dhcp-option=6,{names}", f"--dhcp-leasefile={stage.folder}/{name}.leases", "--pid-file=",
        "--user=root", "--log-facility=-"], says="sockets bound")


def ours(stage):
    return dnsmasq(stage, "peer", "ours", "peer0", "10.77.0.64", "10.77.0.220", SENSOR)


def test_a_stranger_answers_after_a_busy_morning(stage):
    client_behind(stage, 0, alone=False)
    ours(stage).ready()
    daemon, asker = stage.daemon(), Asker(stage)
    for number in range(110):
        asker.takes_lease(number, PEER)
    until(lambda: daemon.settled(), 15, "all of them are captured")
    expect(not daemon.alerts(), f"a busy morning: {[alert['message'] for alert in daemon.alerts()]}")
    dnsmasq(stage, "client", "stranger", "client0", "10.77.0.230", "10.77.0.250", CLIENT, "10.77.0.99").ready()
    for number in range(200, 203):
        asker.takes_lease(number, CLIENT)
    verdict(daemon, {("dhcp_server_unexpected", CLIENT): {
        "says": [f"{CLIENT} answers as a DHCP server", f"beside {PEER} and gives out router {CLIENT}"], "ends": {"source.ip": CLIENT},
        "evidence": {"server_id": CLIENT, "router": [CLIENT], "dns_servers": ["10.77.0.99"], "known_servers": [PEER],
                     "relayed": False}}})


def test_a_pool_is_starved_while_partners_answer(stage):
    client_behind(stage, 0, alone=False)
    ours(stage).ready()
    daemon, asker = stage.daemon(), Asker(stage)
    for number in range(3):
        asker.takes_lease(number, PEER)
    dnsmasq(stage, "client", "partner", "client0", "10.77.0.221", "10.77.0.250", SENSOR).ready()
    for number in range(3, 6):
        asker.takes_lease(number, CLIENT)
    for number in range(1000, 1150):
        asker.only_asks(number)
    verdict(daemon, {("dhcp_starvation", "mon0"): {
        "says": " new clients asked for addresses in ", "severity": "error",
        "evidence": {"new_clients": lambda n: n >= 100, "requested": lambda n: n <= 6}}})
