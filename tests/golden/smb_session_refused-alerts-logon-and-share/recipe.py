"""A service with an old password tries again and again; a share is not allowed though IPC$ is; an old client calls a name
that is not there."""
from windows import *
from wire import *

with Capture() as cap:
    for i in range(4):
        smb_attempt(cap.at(i * 30), "10.0.0.5", 50000 + i, "10.0.0.9", 0xc000006d)
    for i in range(3):
        smb_attempt(cap.at(200 + i * 30), "2001:db8::6", 50010 + 2 * i, "2001:db8::9", 0, r"\\files\IPC$")
        smb_attempt(cap, "2001:db8::6", 50011 + 2 * i, "2001:db8::9", 0, r"\\files\secret", 0xc0000022)
    for i in range(3):
        talk = cap.at(400 + i).tcp_handshake("10.0.0.7", 50020 + i, "10.0.0.9", 139)
        talk.client(netbios_session_request("OLDNAME", "CLIENT")).server(netbios_refused(0x82)).close("server_rst")
