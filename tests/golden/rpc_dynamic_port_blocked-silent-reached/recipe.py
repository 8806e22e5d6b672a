"""The named port is reached, at the second try; another port of the same server stays silent, but the mapper never
named it."""
from windows import *
from wire import *

with Capture() as cap:
    for i in range(3):
        talk = cap.at(i * 10).tcp_handshake("10.9.1.10", 4000 + i, "10.9.2.10", 135)
        talk.client(rpc_bind()).server(rpc_bind_ack()).client(rpc_map_request(DRSUAPI))
        talk.server(rpc_map_response(DRSUAPI, "10.9.2.10", 49155)).close()
        if i == 0:
            cap.wait(5).tcp_refused("10.9.1.10", 4100, "10.9.2.10", 49155)
        cap.wait(5).tcp_session("10.9.1.10", 4200 + i, "10.9.2.10", 49155, request=rpc_bind(DRSUAPI), response=rpc_bind_ack())
        cap.at(i * 10 + 2).syn_ladder("10.9.1.10", 4300 + i, "10.9.2.10", 49156, gaps=(1, 2))
    cap.at(60).ping("10.9.1.10", "10.9.1.1")
