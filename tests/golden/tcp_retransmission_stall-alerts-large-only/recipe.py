"""One full-size segment and its five copies are lost, the smaller one after it is not; over IPv6. Then one that ends well."""
from troubles import *
from wire import *

with Capture() as cap:
    stall(cap, "fd00:60::5", 40001, "fd00:61::80", 80, 1, (2.7, 5.1, 10.4, 20.9, 41.7))
    late = stall(cap, "10.60.0.7", 40002, "10.61.0.80", 80, 2, (0.4, 0.8, 1.6, 3.2), end=None)
    cap.wait(30)
    late.client_next += 1460 + 586
    late.from_server("A")
    late.close()
