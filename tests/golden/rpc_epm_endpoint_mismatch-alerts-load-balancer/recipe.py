"""The mapper behind a load balancer names its own address; the client never connects there. Over IPv6 the same."""
from windows import *
from wire import *

with Capture() as cap:
    talk = cap.at(0).tcp_handshake("10.1.1.1", 33654, "10.11.2.2", 135)
    talk.client(rpc_bind()).server(rpc_bind_ack()).client(rpc_map_request(MAPI))
    talk.server(rpc_map_response(MAPI, "10.11.2.7", 41376)).close()
    talk = cap.at(5).tcp_handshake("2001:db8:1::1", 33655, "2001:db8:2::2", 135, vlan=[40])
    talk.client(rpc_bind()).server(rpc_bind_ack()).client(rpc_map_request(DRSUAPI))
    talk.server(rpc_map_response(DRSUAPI, "2001:db8:2::7", 49200)).close()
    cap.at(20).ping("10.1.1.1", "10.1.1.2")
