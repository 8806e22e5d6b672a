"""A user looks at the network neighbourhood: the list is asked of a browser that never announced itself to him; and an
announcement after which nobody comes."""
from windows import *
from wire import *

def collect(cap, master, port, browser, blob=None):
    talk = cap.tcp_handshake(master, port, browser, 139)
    talk.client(netbios_session_request("CLIENT1", "DC1")).server(netbios_accepted())
    talk.client(smb1_negotiate()).server(smb1_negotiate_response())
    talk.client(smb1_session_setup(ntlm(1))).server(smb1_session_setup_response(0xc0000016))
    talk.client(smb1_session_setup(blob or ntlm(3, "CORP", "DC1$"), mid=3)).server(smb1_session_setup_response(mid=3))
    talk.client(smb1_tree_connect(r"\\CLIENT1\IPC$")).server(smb1_tree_connect_response())
    talk.client(rap_call()).server(rap_response()).close()


with Capture() as cap:
    collect(cap.at(0), "10.5.0.50", 3787, "10.5.7.21")
    cap.at(10).udp("10.5.7.21", 138, "10.5.0.10", 138, master_announcement("10.5.7.21"))
    collect(cap.at(100), "10.5.0.10", 3788, "10.5.7.21")
