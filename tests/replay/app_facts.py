#!/usr/bin/env python3
"""Compares what `read --stats` counts of applications with what tshark counts in the same captures.

    app_facts.py [--binary PATH] [--set DIR] [--only SUBSTRING] [-v]

SET/oracle holds tshark's answers; their part `app` has HTTP requests by method and answers by status, DNS queries and
answers, TLS handshake messages by type, FTP commands, DCE/RPC packets by type. A capture counts where either side has
any. Exit status 1 below 80 % of equal captures. lib/app/README.md explains the kinds of differences.
Last line: 'N passed, N failed', of the one check.
"""
import argparse
import collections
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

KINDS = ("http_requests", "http_responses", "dns_response_flag", "tls_handshake_types", "ftp_commands",
         "dcerpc_pkt_types")
LEAST_EQUAL = 0.80


def said(binary, path):
    """The object's part `app`; None where the capture cannot be read."""
    done = subprocess.run([binary, "read", "--stats", path], capture_output=True, timeout=300)
    try:
        return json.loads(done.stdout)["app"]
    except (ValueError, KeyError):
        return None


def differences(want, got):
    """(kind, key, tshark's figure, ours)."""
    rows = []
    for kind in KINDS:
        ours = got.get(kind, {})
        for key in sorted(set(want[kind]) | set(ours)):
            if want[kind].get(key, 0) != ours.get(key, 0):
                rows.append((kind, key, want[kind].get(key, 0), ours.get(key, 0)))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="build/release/wiresage")
    parser.add_argument("--set", type=Path, default=Path("../shared/pcaps"))
    parser.add_argument("--only", default="")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    answers = []
    for path in sorted((options.set / "oracle").rglob("*.json")):
        answer = json.loads(path.read_text(encoding="utf-8"))
        if options.only in str(path) and answer.get("tshark_exit", 0) in (0, 2):
            answers.append((path.relative_to(options.set / "oracle").with_suffix(""), answer["app"]))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda answer: said(options.binary, options.set / answer[0]), answers))
    equal = different = refused = 0
    by_kind = collections.Counter()
    for (name, want), got in zip(answers, results):
        if got is None:
            refused += 1
            continue
        rows = differences(want, got)
        if not rows and not any(want[kind] for kind in KINDS):
            continue
        equal += not rows
        different += bool(rows)
        for kind in KINDS:
            if want[kind] or got.get(kind):
                by_kind[kind, any(row[0] == kind for row in rows)] += 1
        if rows and options.verbose:
            print(f"{name}: " + "; ".join(f"{kind} {key} {a} (tshark) {b} (ours)" for kind, key, a, b in rows[:8]))
    for kind in KINDS:
        print(f"{kind}: {by_kind[kind, False]} of {by_kind[kind, False] + by_kind[kind, True]} equal")
    good = different == 0 or equal >= LEAST_EQUAL * (equal + different)
    print(f"{equal} of {equal + different} captures equal, {refused} not read")
    print("1 passed, 0 failed" if good and equal else "0 passed, 1 failed")
    return 0 if good and equal else 1


if __name__ == "__main__":
    sys.exit(main())
