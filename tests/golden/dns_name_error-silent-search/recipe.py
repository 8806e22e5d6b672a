"""A search list: the first form of each name does not exist, the next one does. Block lists say no, and mean well."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(12):
        cap.at(2 * i)
        port = 40000 + 10 * i
        dns_exchange(cap, "10.9.3.5", port, "10.9.0.53", "api.example.org.default.svc.cluster.local", rcode=NXDOMAIN)
        dns_exchange(cap, "10.9.3.5", port + 1, "10.9.0.53", "api.example.org", addresses=["192.0.2.7"])
        dns_exchange(cap, "10.9.3.5", port + 2, "10.9.0.53", "web.branch.example.net", rcode=NXDOMAIN)
        dns_exchange(cap, "10.9.3.5", port + 3, "10.9.0.53", "web.example.net", addresses=["10.9.4.4"])
        dns_exchange(cap, "10.9.3.5", port + 4, "10.9.0.53", "9.2.0.192.zen.spamhaus.org", rcode=NXDOMAIN)
        dns_exchange(cap, "10.9.3.5", port + 5, "10.9.0.53", "9.2.0.192.in-addr.arpa", kind=12, rcode=NXDOMAIN)
        dns_exchange(cap, "10.9.3.5", port + 6, "10.9.0.53", "_dmarc.example.org", kind=16, rcode=NXDOMAIN)
        dns_exchange(cap, "10.9.3.5", port + 7, "10.9.0.53", f"qzkxw{i}.corp.example.net", rcode=NXDOMAIN)
