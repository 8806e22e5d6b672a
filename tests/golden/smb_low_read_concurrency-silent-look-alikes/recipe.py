"""Random reads of a data base; one read at a time, but back to back; a distant client whose pauses are the path's; a
player that fetches a stream ahead; a short file."""
from windows import *
from wire import *


def reads(cap, client, port, offsets, pause_ms, service_ms, rtt_ms=0.3):
    talk = cap.tcp_handshake(client, port, "192.168.2.77", 445, rtt_ms=rtt_ms)
    talk.client(smb2_create("file.bin")).server(smb2_create_response())
    for i, offset in enumerate(offsets):
        cap.wait(pause_ms)
        talk.client(smb2_read(offset, 4096, message=10 + i))
        cap.wait(service_ms)
        talk.server(smb2_read_response(4096, message=10 + i))
    talk.close()


with Capture() as cap:
    row = [i * 4096 for i in range(24)]
    reads(cap.at(0), "192.168.1.7", 49240, [i * 7919 % 1000 * 4096 for i in range(24)], 20, 4)
    reads(cap.at(10), "192.168.1.8", 49241, row, 0.1, 4)
    reads(cap.at(20), "203.0.113.8", 49242, row, 42, 4, rtt_ms=40)
    reads(cap.at(40), "192.168.1.9", 49243, row, 500, 4)
    reads(cap.at(80), "192.168.1.10", 49244, row[:6], 20, 4)
