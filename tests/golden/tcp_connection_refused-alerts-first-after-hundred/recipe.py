"""A service that accepted 110 connections refuses one: worth a word at once."""
from wire import *

with Capture() as cap:
    for i in range(110):
        cap.at(i * 0.1).tcp_session(f"10.50.0.{i % 2 + 1}", 41000 + i, "10.51.0.80", 8080, request="a", response="b")
    cap.at(15).tcp_refused("10.50.0.1", 42000, "10.51.0.80", 8080)
