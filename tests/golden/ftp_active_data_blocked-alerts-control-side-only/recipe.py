"""The data connection does not pass here: only the reply tells, and the alert is a careful one."""
from wire import *

def login(cap, client, port, server, sport=21, user="anonymous"):
    talk = cap.tcp_handshake(client, port, server, sport)
    talk.server("220 ready\r\n").client(f"USER {user}\r\n").server("331 password\r\n")
    return talk.client("PASS guest@example.net\r\n").server("230 logged in\r\n")


with Capture() as cap:
    for i in range(2):
        talk = login(cap.at(i * 30), "10.0.0.5", 40521 + i, "203.0.113.21")
        talk.client(f"PORT 10,0,0,5,31,{64 + i}\r\n").server("200 done\r\n")
        talk.client("LIST\r\n").server("150 opening\r\n")
        cap.wait(10000)
        talk.server("425 Can't open data connection.\r\n").close()
