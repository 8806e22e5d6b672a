"""One password mistyped; a few refusals, each followed by a success; sessions that expired."""
from windows import *
from wire import *

def attempt(cap, client, port, server, status, share=None, share_status=0, user="backup"):
    talk = cap.tcp_handshake(client, port, server, 445)
    talk.client(smb2_negotiate()).server(smb2_negotiate_response())
    talk.client(smb2_session_setup(ntlm(1))).server(smb2_session_setup_response(0xc0000016, ntlm(2)))
    talk.client(smb2_session_setup(ntlm(3, "CORP", user), 2)).server(smb2_session_setup_response(status, message=2))
    if share:
        talk.client(smb2_tree_connect(share)).server(smb2_tree_connect_response(share_status))
    talk.close()


with Capture() as cap:
    attempt(cap.at(0), "10.0.0.5", 50000, "10.0.0.9", 0xc000006d)
    for i in range(6):
        attempt(cap.at(20 + i * 10), "10.0.0.6", 50100 + 2 * i, "10.0.0.9", 0xc000006d)
        attempt(cap, "10.0.0.6", 50101 + 2 * i, "10.0.0.9", 0, r"\\files\data")
    for i in range(4):
        attempt(cap.at(100 + i), "10.0.0.7", 50200 + i, "10.0.0.9", 0xc000035c)
