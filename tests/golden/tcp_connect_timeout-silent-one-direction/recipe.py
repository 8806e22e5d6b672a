"""A mirror that shows one direction only: nothing proves that an answer would be seen here."""
from wire import *

with Capture() as cap:
    for i in range(12):
        cap.at(i * 4).syn_ladder(f"10.40.0.{i % 3 + 1}", 42000 + i, "10.41.0.80", 443)
    cap.at(60).ping("10.40.0.1", "10.40.0.2")
