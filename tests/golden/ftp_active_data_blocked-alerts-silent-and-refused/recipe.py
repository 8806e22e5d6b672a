"""The data connection of an active transfer stays without answer; in IPv6, at another port, it is refused."""
from wire import *

def login(cap, client, port, server, sport=21, user="anonymous"):
    talk = cap.tcp_handshake(client, port, server, sport)
    talk.server("220 ready\r\n").client(f"USER {user}\r\n").server("331 password\r\n")
    return talk.client("PASS guest@example.net\r\n").server("230 logged in\r\n")


with Capture() as cap:
    talk = login(cap.at(0), "198.51.100.5", 40521, "203.0.113.21")
    talk.client("PORT 198,51,100,5,31,64\r\n").server("200 done\r\n")
    talk.client("LIST\r\n").server("150 opening\r\n")
    cap.wait(1).syn_ladder("203.0.113.21", 20, "198.51.100.5", 8000, gaps=(3, 6))
    cap.wait(21000)
    talk.server("425 Can't open data connection.\r\n").close()

    talk = login(cap.at(40), "2001:db8:1::5", 40522, "2001:db8:2::21", 2121)
    talk.client("EPRT |2|2001:db8:1::5|8001|\r\n").server("200 done\r\n")
    talk.client("TYPE I\r\n").server("200 binary\r\n").client("SIZE file\r\n").server("213 300000\r\n")   # as curl asks
    talk.client("RETR file\r\n").server("150 opening\r\n")
    cap.wait(1).tcp_refused("2001:db8:2::21", 20, "2001:db8:1::5", 8001)
    cap.wait(50)
    talk.server("425 Can't open data connection.\r\n").close()
