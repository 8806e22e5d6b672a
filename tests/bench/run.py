#!/usr/bin/env python3
"""Speed as a ratio to the null libpcap loop over the same file in the same run, and peak memory.

    run.py --binary PATH [--shared DIR] [--work DIR] [--pairs N] [--quick] [INPUT...]

Needs the generators of SHARED/bench; appgen.py makes the applications, which are also read without application
protocols. For each input `wiresage read` (whole pipeline, all rules, default settings, its
output to /dev/null) runs in pairs with a loop that only counts packets; the ratio is the median of t_null / t_wiresage,
page cache warm. softflowd and argus read the same files in the same run, where they are installed (softflowd with as many flows as wiresage may keep); argus is timed by
its processor time, since it sleeps at its end. Exit status 1 below a floor. --quick: three pairs and no others.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

INPUTS = {   # name: the generator's arguments, the floor of the ratio, whether the others are compared
    "mixed1m": (["mixed", "-n", "1000000", "-f", "20000"], 0.50, True),
    "mixedfull": (["mixed", "-n", "2000000", "-f", "40000", "-l", "65535"], 0.60, False),
    "small1m": (["small", "-n", "1000000", "-f", "100000"], 0.35, True),
    "synflood1m": (["synflood", "-n", "1000000"], 0.15, True),
    "elephants": (["elephants"], 0.80, False),
    "applications": (["-n", "600000"], 0.30, False),
}
MEMORY = {"synflood1m": INPUTS["synflood1m"][0], "synflood5m": ["synflood", "-n", "5000000"]}
MOST_MIB = 512
TIMES_OTHERS = 3
OTHERS = {
    "softflowd": lambda path: ["softflowd", "-d", "-r", str(path), "-n", "127.0.0.1:9", "-m", "262144"],
    "argus": lambda path: ["argus", "-X", "-r", str(path), "-w", "/dev/null"],
}


class Run:
    """One process to its end: seconds on the clock, of processors, and its largest resident set."""

    def __init__(self, command, statuses=(0,)):
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        self.wall = time.perf_counter() - began
        self.cpu = used.ru_utime + used.ru_stime
        self.mib = used.ru_maxrss / 1024
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in statuses:
            raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}: {said.decode(errors='replace')[-400:]}")


def compile_generators(shared, work):
    """Compiles what is older than its source."""
    for source, target, command in (("pcapgen.cpp", "pcapgen", ["g++", "-std=c++17", "-O3"]),
                                    ("nullpcap.c", "nullpcap", ["gcc", "-O3"])):
        made, path = work / target, shared / "bench" / source
        if not made.exists() or made.stat().st_mtime < path.stat().st_mtime:
            libraries = ["-lpcap"] if target == "nullpcap" else []
            subprocess.run([*command, "-o", str(made), str(path), *libraries], check=True)


def made(work, name, arguments):
    path = work / f"{name}.pcap"
    if not path.exists():
        print(f"making {path}", flush=True)
        partial = work / f"{name}.partial"
        command = [str(work / "pcapgen"), *arguments, "-o", str(partial)]
        if name == "applications":
            command = [sys.executable, "-B", str(Path(__file__).parent / "appgen.py"), *arguments, str(partial)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        partial.rename(path)
    with open(path, "rb") as handle:     # into the page cache
        while handle.read(1 << 24):
            pass
    return path


def measure(options, name, others):
    """{tool: (ratio to the null loop, seconds)} over one input."""
    path = made(options.work, name, INPUTS[name][0])
    null, ours, without = [], [], []
    for _ in range(options.pairs):
        null.append(Run([str(options.work / "nullpcap"), str(path)]).wall)
        ours.append(Run([options.binary, "read", str(path)]).wall)
        if name == "applications":
            without.append(Run([options.binary, "read", "--without-applications", str(path)]).wall)
    base = statistics.median(null)
    rows = {"null loop": (1.0, base),
            "wiresage": (statistics.median(a / b for a, b in zip(null, ours)), statistics.median(ours))}
    if without:
        rows["without"] = (statistics.median(a / b for a, b in zip(null, without)), statistics.median(without))
    for tool in others:
        run = Run(OTHERS[tool](path), statuses=range(256))
        seconds = run.cpu if tool == "argus" else run.wall
        rows[tool] = (base / seconds, seconds)
    return rows


def judge(name, rows, lacks):
    """Prints one input's row and notes what is below its floor."""
    floor, ratio = INPUTS[name][1], rows["wiresage"][0]
    words = [f"{name:<12}", f"{rows['null loop'][1] * 1000:8.0f} ms", f"{rows['wiresage'][1] * 1000:8.0f} ms",
             f"{ratio:7.2f}", f"{floor:7.2f}"]
    if ratio < floor:
        lacks.append(f"{name}: ratio {ratio:.2f}, floor {floor:.2f}")
    for tool in OTHERS:
        if tool not in rows:
            words.append(f"{'-':>10}")
            continue
        times = ratio / rows[tool][0]
        words.append(f"{times:9.1f}x")
        if times < TIMES_OTHERS:
            lacks.append(f"{name}: {times:.1f} times {tool}, at least {TIMES_OTHERS} wanted")
    print("  ".join(words), flush=True)
    if "without" in rows:
        other, seconds = rows["without"]
        print(f"{'':<12}  without application protocols {seconds * 1000:.0f} ms, ratio {other:.2f}: with them it is "
              f"{ratio / other:.2f} of that", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="build/release/wiresage")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--work", type=Path, default=Path("build/bench"))
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("inputs", nargs="*", metavar="INPUT", help=", ".join(INPUTS))
    options = parser.parse_args()
    if not (options.shared / "bench").is_dir():
        raise SystemExit(f"no {options.shared}/bench: the generators of the inputs lie beside the project")
    if options.quick:
        options.pairs = 3
    options.work.mkdir(parents=True, exist_ok=True)
    compile_generators(options.shared, options.work)
    chosen = options.inputs or list(INPUTS)
    others = [] if options.quick else [tool for tool in OTHERS if shutil.which(tool)]
    lacks = [] if options.quick else [f"{tool} is not installed" for tool in OTHERS if tool not in others]
    print(f"median of {options.pairs} pairs, {os.cpu_count()} processors; the last columns: how many times as fast")
    print("  ".join([f"{'input':<12}", f"{'null loop':>11}", f"{'wiresage':>11}", f"{'ratio':>7}", f"{'floor':>7}",
                     *(f"{tool:>10}" for tool in OTHERS)]))
    for name in chosen:
        judge(name, measure(options, name, others if INPUTS[name][2] else []), lacks)
    if not options.inputs:
        for name, arguments in MEMORY.items():
            peak = Run([options.binary, "read", str(made(options.work, name, arguments))]).mib
            print(f"{name:<12}  peak memory {peak:.0f} MiB, at most {MOST_MIB}", flush=True)
            if peak > MOST_MIB:
                lacks.append(f"{name}: {peak:.0f} MiB, at most {MOST_MIB}")
    print("\n".join(["below the floors:", *(f"  {lack}" for lack in lacks)] if lacks else ["every floor holds"]))
    return 1 if lacks else 0


if __name__ == "__main__":
    sys.exit(main())
