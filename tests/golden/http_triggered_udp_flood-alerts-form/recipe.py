"""A form names an address; the server floods it a second later. IPv6, and the address is percent-encoded."""
from application import *
from wire import *

server, target = "2001:db8:20::1", "2001:db8:99::105"
with Capture(snaplen=400) as cap:
    form = f"act=go&host={target.replace(':', '%3A')}&time=60".encode()
    cap.tcp_session("2001:db8:16::5", 41000, server, 80,
                    request=request("POST", "/up/shell.php", "www.example.org", body=form, content_type="application/x-www-form-urlencoded",
                                    content_length=len(form)),
                    response=answer(200, "OK", b"ok"))
    cap.at(1)
    for i in range(3000):
        cap.udp(server, 2976, target, 10647, b"x" * 1200)
        cap.wait(0.25)
