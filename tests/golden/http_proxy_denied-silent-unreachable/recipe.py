"""A proxy cannot reach its targets and says so: that is no denial. A web server forbids a page: nor is that, nor where a
proxy passes the site's own answer on."""
from application import *
from wire import *

with Capture() as cap:
    for i in range(6):
        cap.at(i).tcp_session("10.20.0.15", 41000 + i, "10.20.0.5", 3128, request=request("GET", "http://down.example.org/", "down.example.org"),
                              response=answer(503, "Service Unavailable", b"no", x_squid_error="ERR_CONNECT_FAIL 111"))
        cap.at(i).tcp_session("10.20.0.15", 42000 + i, "10.20.0.6", 80, request=request("GET", "/secret", "www.example.org"),
                              response=answer(403, "Forbidden", b"no"))
        cap.at(i).tcp_session("10.20.0.15", 43000 + i, "10.20.0.5", 3128, request=request("GET", "http://www.example.org/private", "www.example.org"),
                              response=answer(403, "Forbidden", b"no", server="nginx/1.22.1", via="1.1 proxy.example.net (squid/5.7)"))
