"""An update service knows no authentication; it tries four hosts, over IPv6 and a VLAN."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(8):
        host = f"mirror{i % 4}.example.org"
        cap.at(i).tcp_session("2001:db8::15", 41000 + i, "2001:db8::5", 3128, vlan=[30],
                              request=request("GET", f"http://{host}/pkg/{i}", host, "Updater/2.1"),
                              response=answer(407, "Proxy Authentication Required", b"?", proxy_authenticate="Negotiate"))
