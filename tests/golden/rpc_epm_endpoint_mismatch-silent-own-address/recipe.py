"""The mapper names the address asked, or none; a cluster names another node, and the client is served there."""
from windows import *
from wire import *

with Capture() as cap:
    for i, endpoint in enumerate(("10.11.2.2", "0.0.0.0", "10.11.2.7")):
        talk = cap.at(i * 10).tcp_handshake("10.1.1.1", 33654 + i, "10.11.2.2", 135)
        talk.client(rpc_bind()).server(rpc_bind_ack()).client(rpc_map_request(DRSUAPI))
        talk.server(rpc_map_response(DRSUAPI, endpoint, 49155)).close()
        to = endpoint if endpoint != "0.0.0.0" else "10.11.2.2"
        talk = cap.wait(5).tcp_handshake("10.1.1.1", 34654 + i, to, 49155)
        talk.client(rpc_bind(DRSUAPI)).server(rpc_bind_ack()).close()
    cap.at(60).ping("10.1.1.1", "10.1.1.2")
