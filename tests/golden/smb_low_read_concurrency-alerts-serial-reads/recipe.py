"""A program reads 16 KiB at a time, one by one, and works for 20 ms in between; server and network take 4 ms. In SMB1 the
same with 8 KiB."""
from windows import *
from wire import *

with Capture() as cap:
    talk = cap.at(0).tcp_handshake("192.168.1.7", 49240, "192.168.2.77", 445, rtt_ms=0.3)
    talk.client(smb2_create("TEST\\large.bin")).server(smb2_create_response())
    for i in range(30):
        cap.wait(20)
        talk.client(smb2_read(i * 16384, 16384, message=10 + i))
        cap.wait(4)
        talk.server(smb2_read_response(16384, message=10 + i))
    talk.close()
    talk = cap.at(10).tcp_handshake("192.168.1.8", 49241, "192.168.2.78", 139, rtt_ms=0.3, vlan=[7])
    talk.client(netbios_session_request("SERVER", "CLIENT")).server(netbios_accepted())
    for i in range(20):
        cap.wait(30)
        talk.client(smb1_read(0x4001, i * 8192, 8192, mid=i))
        cap.wait(3)
        talk.server(smb1_read_response(8192, mid=i))
    talk.close()
