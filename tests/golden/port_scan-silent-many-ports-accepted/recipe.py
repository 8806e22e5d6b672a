"""A client of a server with many ports (passive FTP): forty data ports, all of them accept."""
from wire import *

with Capture() as cap:
    for i in range(40):
        cap.tcp_session("10.0.0.5", 40000 + i, "10.0.0.20", 50000 + i, response="x" * 100)
        cap.wait(200)
