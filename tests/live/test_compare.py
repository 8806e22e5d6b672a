"""`compare` names exactly the segments that a relay kept back, with an hour between the clocks and translation between."""
import json
import os
import random
import socket
import struct
import time

from harness import command, expect, inside, until
from route import FAR, NEAR, Route

RUNS = 3


def server_of(route):
    with inside(route.far):
        server = socket.create_server((FAR, 7000))
    return server


def client_of(route):
    with inside(route.near):
        client = socket.socket()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.connect((FAR, 7000))
    return client


def converse(route, server, exchanges=3):
    """Something that works before and after."""
    client = client_of(route)
    peer = server.accept()[0]
    for i in range(exchanges):
        client.sendall(b"q%d" % i)
        peer.recv(100)
        peer.sendall(b"r%d" % i)
        client.recv(100)
    client.close()
    peer.close()


def lines(stage, captures, *options):
    done = command(stage.binary, "compare", *options, *captures)
    return [json.loads(line) for line in done.stdout.splitlines()]


def lose_segments(stage, seed):
    """One connection whose chosen segment never arrives, one with a loss that is repaired."""
    chosen = random.Random(seed)
    never, once = os.urandom(16), os.urandom(16)
    sizes = [chosen.randrange(100, 1300) for _ in range(6)]
    victim = chosen.randrange(1, 4)
    with Route(stage, far_clock_s=3600) as route:
        route.lose(never)
        route.lose(once, times=1)
        with server_of(route) as server:
            converse(route, server)
            repaired = client_of(route)
            peer = server.accept()[0]
            repaired.sendall(b"a" * 300)
            repaired.sendall(once + b"b" * 500)
            repaired.sendall(b"c" * 200)
            got = 0
            while got < 1016:
                got += len(peer.recv(4096))
            repaired.close()
            peer.close()
            stuck = client_of(route)
            peer = server.accept()[0]
            for i, size in enumerate(sizes):
                stuck.sendall(never + b"x" * (size - 16) if i == victim else b"y" * size)
                time.sleep(0.005)                        # segments of their own
            until(lambda: sum(marker == never for marker, _ in route.lost) >= 6, 30, "the segment is sent again and again")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()                                 # RST
            stuck.close()
            # A copy counts as lost where the far capture goes on for longer than any packet took.
            until(lambda: converse(route, server) or time.monotonic() > route.lost_at + 3, 60, "the captures go on")
    copies = [length for marker, length in route.lost if marker == never]
    expect(set(copies) == {sizes[victim]}, f"the relay lost copies of {set(copies)} bytes, not of {sizes[victim]}")
    return route, 1 + sum(sizes[:victim]), sizes[victim], len(copies)


def check_each_end(stage, route, begin, length, copies):
    """What either capture alone shows: the sender repeats in vain, the receiver waits for what never came."""
    for capture, rule in zip(route.captures, ("tcp_retransmission_stall", "tcp_hole_never_filled")):
        documents = [json.loads(line) for line in command(stage.binary, "read", "-o", "json", capture).stdout.splitlines()]
        firing = [one for one in documents if one["wiresage"]["state"] == "firing" and one["wiresage"]["severity"] != "info"]
        expect([one["rule"]["id"] for one in firing] == [rule], f"{capture.name}: alerts: {[one['message'] for one in firing]}")
        evidence = [one for one in documents if one["rule"]["id"] == rule][-1]["wiresage"]["evidence"]      # its final totals
        size = "segment_len" if rule == "tcp_retransmission_stall" else "missing_bytes"
        found = (evidence["seq_relative"], evidence[size])
        expect(found == (begin, length), f"{capture.name}: {rule} says {found}, not {(begin, length)}")
        resent = evidence.get("retransmissions", copies - 1)
        expect(resent == copies - 1, f"{capture.name}: {resent} retransmissions, there were {copies - 1}")


def check_loss(stage, seed):
    route, begin, length, copies = lose_segments(stage, seed)
    check_each_end(stage, route, begin, length, copies)
    sessions = lines(stage, route.captures, "--sessions")
    paired = [one for one in sessions if one["seen"] == "both" and one["transport"] == "tcp"]
    expect(len(sessions) == len(paired) >= 4, f"every session at both points, not {[one['seen'] for one in sessions]}")
    expect(all(one["nat"] and one["near"]["client"].startswith(NEAR) for one in paired), "translation is seen")
    never = [(lost["seq_relative"], lost["len"], lost["copies"]) for one in paired
             for way in ("client_to_server", "server_to_client") for lost in one[way]["never_arrived"]]
    expect(never == [(begin, length, copies)], f"never arrived: {never}, the relay lost {(begin, length, copies)}")
    repaired = [(lost["seq_relative"], lost["len"]) for one in paired
                for way in ("client_to_server", "server_to_client") for lost in one[way]["repaired"]]
    expect(repaired == [(301, 516)], f"repaired: {repaired}, the relay lost (301, 516) once")
    documents = lines(stage, route.captures, "-o", "json")
    firing = [one for one in documents if one["wiresage"]["state"] == "firing"]
    expect([one["rule"]["id"] for one in firing] == ["tcp_segment_lost_in_path"], f"alerts: {[one['message'] for one in firing]}")
    evidence = firing[0]["wiresage"]["evidence"]
    found = (evidence["seq_relative"], evidence["segment_len"], evidence["lost_copies"], evidence["direction"])
    expect(found == (begin, length, copies, "near_to_far"), f"the alert says {found}")
    text = command(stage.binary, "compare", *route.captures).stdout
    ahead = [line for line in text.splitlines() if line.startswith("Clocks")]
    expect("ahead of the near one" in ahead[0] and (" 3600.0" in ahead[0] or " 3599.9" in ahead[0]), f"the clocks: {ahead}")


def test_compare_names_exactly_what_a_relay_lost(stage):
    for run in range(RUNS):
        check_loss(stage, run)
