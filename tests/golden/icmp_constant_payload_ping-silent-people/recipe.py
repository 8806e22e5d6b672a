"""People's pings: 56 bytes, 32 letters, 8 bytes that count up; and one byte a few times."""
from wire import *

SIZES = {1: bytes(range(56)), 2: b"abcdefghijklmnopqrstuvwabcdefghi", 3: bytes(range(8))}

with Capture() as cap:
    for i in range(60):
        for id_, payload in SIZES.items():
            cap.at(i + id_ * 0.1).ping("10.66.0.1", "10.66.0.9", seq=i, id_=id_, payload=payload)
            cap.wait(0.4).pong("10.66.0.9", "10.66.0.1", seq=i, id_=id_, payload=payload)
    for i in range(10):
        cap.at(70 + i).ping("10.66.0.1", "10.66.0.9", seq=i, id_=9, payload=b"?")
        cap.wait(0.4).pong("10.66.0.9", "10.66.0.1", seq=i, id_=9, payload=b"?")
