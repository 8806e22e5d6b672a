"""One password mistyped; a few refusals, each followed by a success; sessions that expired."""
from windows import *
from wire import *

with Capture() as cap:
    smb_attempt(cap.at(0), "10.0.0.5", 50000, "10.0.0.9", 0xc000006d)
    for i in range(6):
        smb_attempt(cap.at(20 + i * 10), "10.0.0.6", 50100 + 2 * i, "10.0.0.9", 0xc000006d)
        smb_attempt(cap, "10.0.0.6", 50101 + 2 * i, "10.0.0.9", 0, r"\\files\data")
    for i in range(4):
        smb_attempt(cap.at(100 + i), "10.0.0.7", 50200 + i, "10.0.0.9", 0xc000035c)
