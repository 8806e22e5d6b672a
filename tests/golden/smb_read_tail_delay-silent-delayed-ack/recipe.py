"""Pauses that end with an acknowledgment (Nagle and delayed ACK); irregular ones of a busy disk; few of many."""
from windows import *
from wire import *

def read(cap, talk, i, pause_ms, ack_first=True, size=8192):
    talk.client(smb1_read(0x0494, i * size, size, mid=i))
    answer = smb1_read_response(size, mid=i)
    at = (len(answer) - 1) // talk.mss * talk.mss
    for begin in range(0, at, talk.mss):
        cap.wait(0.01)
        talk.from_server("A", payload=answer[begin:begin + talk.mss])
        talk.server_next += len(answer[begin:begin + talk.mss])
    if ack_first:
        cap.wait(0.05)
        talk.from_client("A")
    cap.wait(pause_ms)
    if not ack_first:
        talk.from_client("A")
        cap.wait(1)
    talk.from_server("PA", payload=answer[at:])
    talk.server_next += len(answer) - at
    cap.wait(0.05)
    talk.from_client("A")


with Capture() as cap:
    talk = cap.at(0).tcp_handshake("10.1.1.1", 2242, "10.1.1.2", 445)
    for i in range(20):
        read(cap, talk, i, 200, ack_first=False)
    talk.close()
    talk = cap.at(20).tcp_handshake("10.1.1.1", 2243, "10.1.1.2", 445)
    for i in range(20):
        read(cap, talk, i, 110 + i * 37 % 19 * 40)
    talk.close()
    talk = cap.at(60).tcp_handshake("10.1.1.1", 2244, "10.1.1.2", 445)
    for i in range(40):
        read(cap, talk, i, 300 if i % 3 == 0 else 0.1)
    talk.close()
