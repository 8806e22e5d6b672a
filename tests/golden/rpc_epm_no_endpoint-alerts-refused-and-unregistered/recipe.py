"""One server refuses the bind, another has no such service, a third answers with a fault, in an IPv6 network."""
from windows import *
from wire import *

with Capture() as cap:
    talk = cap.at(0).tcp_handshake("2001:db8:1::1", 61581, "2001:db8:2::2", 135)
    talk.client(rpc_bind()).server(rpc_bind_nak()).close()
    for i in range(3):
        talk = cap.at(10 + i).tcp_handshake("10.1.1.9", 50000 + i, "10.11.2.2", 135)
        talk.client(rpc_bind()).server(rpc_bind_ack()).client(rpc_map_request(MAPI)).server(rpc_map_nothing()).close()
    talk = cap.at(20).tcp_handshake("10.1.1.9", 50010, "10.11.2.3", 135)
    talk.client(rpc_bind()).server(rpc_bind_ack()).client(rpc_map_request(MAPI)).server(rpc_fault(5)).close("server_rst")
