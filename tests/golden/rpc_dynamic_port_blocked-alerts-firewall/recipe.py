"""The mapper answers each time, the port that it names never; at another server the port is closed."""
from windows import *
from wire import *

with Capture() as cap:
    for i in range(3):
        talk = cap.at(i * 30).tcp_handshake("10.9.1.10", 4000 + 2 * i, "10.9.2.10", 135)
        talk.client(rpc_bind()).server(rpc_bind_ack()).client(rpc_map_request(DRSUAPI))
        talk.server(rpc_map_response(DRSUAPI, "10.9.2.10", 49155))
        cap.wait(5).syn_ladder("10.9.1.10", 4001 + 2 * i, "10.9.2.10", 49155, gaps=(3, 6))
        talk.close()
    for i in range(2):
        talk = cap.at(100 + i).tcp_handshake("10.9.1.11", 5000 + 2 * i, "10.9.2.11", 135)
        talk.client(rpc_bind()).server(rpc_bind_ack()).client(rpc_map_request(MAPI))
        talk.server(rpc_map_response(MAPI, "0.0.0.0", 49160)).close()
        cap.wait(5).tcp_refused("10.9.1.11", 5001 + 2 * i, "10.9.2.11", 49160)
    cap.at(130).ping("10.9.1.10", "10.9.1.1")
