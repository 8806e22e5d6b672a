"""WMI and DCOM bind to the activator at port 135 and never ask for a tower; a client of the mapper gets its endpoint
after a first bind was refused; of one answer a segment was not captured."""
from windows import *
from wire import *

with Capture() as cap:
    for i in range(4):
        talk = cap.at(i).tcp_handshake("10.1.1.9", 50000 + i, "10.11.2.2", 135)
        talk.client(rpc_bind(ACTIVATOR)).server(rpc_bind_ack())
        talk.client(rpc_request(4, b"x" * 400)).server(rpc_response(b"y" * 600)).close()
    talk = cap.at(10).tcp_handshake("10.1.1.9", 50010, "10.11.2.2", 135)
    talk.client(rpc_bind()).server(rpc_bind_nak()).client(rpc_bind(call=2)).server(rpc_bind_ack(call=2))
    talk.client(rpc_map_request(DRSUAPI, call=3)).server(rpc_map_response(DRSUAPI, "10.11.2.2", 49155, call=3)).close()
    cap.tcp_session("10.1.1.9", 50020, "10.11.2.2", 49155, request=rpc_bind(DRSUAPI), response=rpc_bind_ack())
    talk = cap.at(20).tcp_handshake("10.1.1.9", 50011, "10.11.2.2", 135)
    talk.client(rpc_bind()).server(rpc_bind_ack())
    talk.client_next += 156                                         # The request was not captured.
    talk.server(rpc_map_nothing()).close()
