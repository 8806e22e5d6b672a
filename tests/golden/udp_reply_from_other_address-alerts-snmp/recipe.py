"""A switch with two addresses: asked at one, it answers from the other. A monitor with one socket asks each 10 s."""
from wire import *


def snmp(pdu, number):
    body = bytes([0x02, 1, number, 0x02, 1, 0, 0x02, 1, 0, 0x30, 0])
    message = b"\x02\1\1" + b"\x04\6public" + bytes([pdu, len(body)]) + body
    return bytes([0x30, len(message)]) + message


with Capture() as cap:
    for i in range(8):
        cap.at(i * 10).udp("10.60.0.9", 50161, "10.60.1.1", 161, snmp(0xa0, i + 1))
        cap.wait(2).udp("10.60.1.2", 161, "10.60.0.9", 50161, snmp(0xa2, i + 1))
        cap.wait(2).udp_exchange("10.60.0.9", 50162, "10.60.1.3", 161, snmp(0xa0, i + 1), snmp(0xa2, i + 1))
