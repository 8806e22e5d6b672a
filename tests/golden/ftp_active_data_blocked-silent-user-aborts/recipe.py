"""Active mode that works, ended once by the user (426), once by a missing file; passive mode; a lost PORT command."""
from wire import *

def login(cap, client, port, server, sport=21, user="anonymous"):
    talk = cap.tcp_handshake(client, port, server, sport)
    talk.server("220 ready\r\n").client(f"USER {user}\r\n").server("331 password\r\n")
    return talk.client("PASS guest@example.net\r\n").server("230 logged in\r\n")


with Capture() as cap:
    talk = login(cap.at(0), "10.0.0.5", 40521, "10.0.9.21")
    for i, end in enumerate(("226 done", "426 transfer aborted", "550 no such file")):
        talk.client(f"PORT 10,0,0,5,31,{64 + i}\r\n").server("200 done\r\n")
        talk.client("RETR file\r\n")
        if not end.startswith("550"):
            talk.server("150 opening\r\n")
            cap.wait(1).tcp_session("10.0.9.21", 20, "10.0.0.5", 8000 + i, request="x" * 4000)
        talk.server(end + "\r\n")
    talk.client("PASV\r\n").server("227 entering (10,0,9,21,40,1)\r\n").client("RETR file\r\n")
    talk.server("425 nobody came\r\n")
    talk.close()
    talk = login(cap.at(30), "10.0.0.5", 40530, "10.0.9.21")
    talk.client_next += 24                                          # A PORT command that was not captured.
    talk.server("200 done\r\n").client("LIST\r\n").server("425 Can't open data connection.\r\n").close()
