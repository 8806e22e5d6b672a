"""After 64 connections of one address its further SYNs are dropped; SYNs of four kinds; another client is served."""
from wire import *

KINDS = ({"win": 64240, "wscale": 7}, {"win": 8192, "wscale": 8}, {"win": 65535, "wscale": 6}, {"win": 64240, "ttl": 128})

with Capture() as cap:
    for i in range(94):
        cap.at(1 + i * 0.1)
        kind = dict(KINDS[i % 4])
        if i < 64:
            isn = cap.random.getrandbits(32)
            cap.tcp("10.70.0.1", 41000 + i, "10.71.0.80", 443, "S", seq=isn, mss=1460, sack_ok=True, **kind)
            cap.wait(0.3).tcp("10.71.0.80", 443, "10.70.0.1", 41000 + i, "SA", seq=5000, ack=isn + 1, mss=1460)
            cap.wait(0.3).tcp("10.70.0.1", 41000 + i, "10.71.0.80", 443, "A", seq=isn + 1, ack=5001)
        else:
            cap.syn_ladder("10.70.0.1", 41000 + i, "10.71.0.80", 443, gaps=(3, 6), **kind)
    for i in range(5):
        cap.at(8 + i).tcp_session("10.70.0.2", 45000 + i, "10.71.0.80", 443, request="a", response="b")
    cap.at(60).ping("10.70.0.1", "10.70.0.2")
