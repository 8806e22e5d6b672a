"""An upload-side point: what the server of another net sends comes here only as a copy, again and again; IPv6."""
from troubles import *
from wire import *

with Capture() as cap:
    for i in range(4):
        download(cap, f"fd00:60::{7 + i}", 40000 + i, "2001:db8:5::80", 2 + i * 4, 150, late=range(10, 140, 20))
