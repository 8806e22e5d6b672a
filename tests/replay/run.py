#!/usr/bin/env python3
"""Replays every capture of a set through a build with sanitizers: whole, cut short, and damaged by a seeded hand.

    run.py --binary PATH --set DIR [--every N] [--seed N] [-v]

Each capture is read as it is; once more cut at 0, 14, 34, 54, 64, 96 and 128 bytes of each packet, with changed bytes
in packets, and with changed bytes anywhere in the file. Nothing may be reported, and the packets that came in are those
that were accounted for: decoded plus each kind of anomaly. Last line: 'N passed, N failed'.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from variants import variants

SUFFIXES = (".pcap", ".pcapng", ".cap", ".dmp", ".trace", ".pcap.gz")
REPORTED = 99
REPORTS = ("ERROR: AddressSanitizer", "runtime error:", "LeakSanitizer", "WARNING: ThreadSanitizer", "Assertion")
SETTINGS = f"exitcode={REPORTED}:abort_on_error=0:halt_on_error=1:detect_leaks=1:allocator_may_return_null=0"
SMALL = {"limits": {"flows": 16384, "hosts": 4096}, "pipeline": {"workers": 2, "ring": "4MiB"}}
TIMEOUT_S = 240


def read(options, config, kind, paths):
    """(what is wrong or '', standard output) of one run."""
    environment = {**os.environ, "ASAN_OPTIONS": SETTINGS, "UBSAN_OPTIONS": f"print_stacktrace=1:{SETTINGS}"}
    try:
        done = subprocess.run([options.binary, "read", "-c", config, *kind, *map(str, paths)], stdin=subprocess.DEVNULL,
                              capture_output=True, env=environment, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return f"{' '.join(kind)}: no end in {TIMEOUT_S} s", b""
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode not in (0, 1) or any(word in said for word in REPORTS):
        return f"{' '.join(kind)}: exit status {done.returncode}: {said[:1500]}", b""
    return "", done.stdout


def accounted(out, want):
    """What is wrong with the figures: packets = decoded + each anomaly, and as many as there are in the files."""
    if not out.strip():
        return ""                                  # a link type that is refused
    stats = json.loads(out)
    known = stats["decoded"] + sum(stats.get("anomalies", {}).values())
    if stats["packets"] != known:
        return f"{stats['packets']} packets, {known} accounted for"
    if want is not None and stats["packets"] != want:
        return f"{stats['packets']} packets, the files hold {want}"
    return ""


def replay(path, options, config):
    """What is wrong with one capture and its variants, in words."""
    found = []
    for kind in (("-o", "json"), ("--stats",)):
        trouble, out = read(options, config, kind, [path])
        found.append(trouble or (accounted(out, None) if kind == ("--stats",) else ""))
    with tempfile.TemporaryDirectory() as folder:
        whole, broken, packets = [], [], 0
        for name, data, count in variants(path.read_bytes(), f"{options.seed} {path.name}"):
            target = Path(folder) / f"{name}.pcap"
            target.write_bytes(data)
            (broken if count is None else whole).append(target)
            packets += count or 0
        if whole:
            trouble, out = read(options, config, ("--stats",), whole)
            found.append(trouble or accounted(out, packets if path.suffix == ".pcap" else None))
            found.append(read(options, config, ("-o", "json"), whole)[0])
        if broken:
            trouble, out = read(options, config, ("--stats",), broken)
            found.append(trouble or accounted(out, None))
    return [trouble for trouble in found if trouble]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth capture")
    parser.add_argument("--seed", default="1")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    paths = sorted(path for path in options.set.rglob("*") if path.name.endswith(SUFFIXES))[:: options.every]
    failed = 0
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        json.dump(SMALL, config)
        config.flush()
        for path, found in zip(paths, pool.map(lambda path: replay(path, options, config.name), paths)):
            failed += bool(found)
            if found or options.verbose:
                print(f"{'FAILED' if found else 'ok    '} {path.relative_to(options.set)}", *found, sep="\n    ", flush=True)
    print(f"{len(paths) - failed} passed, {failed} failed")
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
