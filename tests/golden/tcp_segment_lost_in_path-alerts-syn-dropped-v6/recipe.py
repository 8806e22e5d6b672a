"""IPv6 in a VLAN: connections to port 8443 never arrive, while port 443 of the same server is reached."""
from path import *

CLIENT, SERVER = "2001:db8:1::5", "2001:db8:9::80"
with Path(near_hosts=[CLIENT], delay_ms=4, far_clock_s=12.5) as path:
    for i in range(3):
        path.at(i * 30)
        path.connection(CLIENT, 50000 + i, SERVER, 443, client_isn=10 * i + 5, vlan=[40]).handshake().exchange(
            b"q" * 100, b"r" * 900).close()
        path.at(i * 30 + 5)
        for gap in (1, 2, 4):
            path.tcp(CLIENT, 51000 + i, SERVER, 8443, "S", seq=4000 + i, mss=1440, vlan=[40], lost=True)
            path.wait(gap * 1000)
