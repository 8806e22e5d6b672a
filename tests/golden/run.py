#!/usr/bin/env python3
"""Golden cases: a folder's captures and config.yaml go in, expected.json comes out, byte for byte, nothing masked.

    run.py --binary PATH [--renew] [NAME...]

A case is a folder here with

    recipe.py      writes the captures, with wire.py
    input*.pcap    what it wrote (also .pcapng); all of them are read together, in the order of their names
    near.pcap, far.pcap   instead of these: `compare -o json` (written with path.py)
    config.yaml    the configuration, block style, without `pipeline` (the runner sets the workers)
    expected.json  what `read -o json` prints, for 1, 2, 3 and 8 workers

Checked are also: the captures are what the recipe makes; a folder RULE-alerts* holds a firing alert of RULE, and a
folder RULE-silent* none of it. --renew writes captures and expected.json anew; then the review is one diff.
Last line: 'N passed, N failed'.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKERS = (1, 2, 3, 8)
TIMEOUT_S = 300
KIND = re.compile(r"(\w+)-(alerts|silent)")


class Failed(Exception):
    """Why a case does not hold."""


def inputs(folder):
    """The captures, in the order in which they are given."""
    pair = [folder / "near.pcap", folder / "far.pcap"]
    if all(path.exists() for path in pair):
        return pair
    return sorted(path for path in folder.glob("input*") if path.suffix in (".pcap", ".pcapng"))


def run_recipe(folder, target):
    """Runs the recipe with `target` as working directory."""
    environment = {**os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    done = subprocess.run([sys.executable, str(folder / "recipe.py")], cwd=target, env=environment,
                          capture_output=True, text=True, timeout=TIMEOUT_S)
    if done.returncode:
        raise Failed(f"recipe.py: exit status {done.returncode}: {done.stderr.strip()[-500:]}")
    if not inputs(Path(target)):
        raise Failed("recipe.py wrote no input*.pcap, nor near.pcap and far.pcap")


def check_recipe(folder):
    with tempfile.TemporaryDirectory() as made:
        run_recipe(folder, made)
        fresh = {path.name: path.read_bytes() for path in inputs(Path(made))}
    kept = {path.name: path.read_bytes() for path in inputs(folder)}
    if fresh.keys() != kept.keys():
        raise Failed(f"the recipe makes {sorted(fresh)}, the folder holds {sorted(kept)}")
    for name, data in fresh.items():
        if data != kept[name]:
            raise Failed(f"{name} is not what recipe.py makes: run tests/golden/renew.sh {folder.name}")


def replay(binary, folder, workers):
    """What `read -o json`, or `compare -o json`, prints over the case's captures."""
    config = (folder / "config.yaml").read_text(encoding="utf-8") if (folder / "config.yaml").exists() else ""
    if re.search(r"^pipeline\s*:", config, re.MULTILINE):
        raise Failed("config.yaml sets `pipeline`: the number of workers belongs to the runner")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(f"{config}\npipeline: {{workers: {workers}}}\n")
        file.flush()
        names = [path.name for path in inputs(folder)]
        command = "compare" if names[:1] == ["near.pcap"] else "read"
        done = subprocess.run([binary, command, "-c", file.name, "-o", "json", *names],
                              cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[-500:]
        raise Failed(f"{workers} workers: exit status {done.returncode}: {said}")
    return done.stdout


def first_difference(want, got):
    wanted, found = want.split(b"\n"), got.split(b"\n")
    for number, (a, b) in enumerate(zip(wanted, found), 1):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            begin = max(0, at - 60)
            return f"line {number}, byte {at}:\n  expected ...{a[begin:at + 100]!r}\n  got      ...{b[begin:at + 100]!r}"
    return f"{len(wanted) - 1} lines expected, {len(found) - 1} found"


def check_kind(folder, output):
    """A folder named after a rule shows what its name says."""
    named = KIND.match(folder.name)
    if not named:
        return
    rule, kind = named.groups()
    documents = [json.loads(line) for line in output.decode("utf-8").splitlines()]
    firing = [d for d in documents if d["rule"]["id"] == rule and d["event"]["action"] == "firing"]
    if kind == "alerts" and not firing:
        raise Failed(f"named {folder.name}, but {rule} does not fire")
    if kind == "silent" and firing:
        raise Failed(f"named {folder.name}, but {rule} fires: {firing[0]['message']}")


def check(binary, folder):
    check_recipe(folder)
    want = (folder / "expected.json").read_bytes()
    check_kind(folder, want)
    for workers in WORKERS:
        got = replay(binary, folder, workers)
        if got != want:
            raise Failed(f"{workers} workers: {first_difference(want, got)}")


def renew(binary, folder):
    for path in inputs(folder):
        path.unlink()
    run_recipe(folder, folder)
    outputs = [replay(binary, folder, workers) for workers in WORKERS]
    for workers, output in zip(WORKERS, outputs):
        if output != outputs[0]:
            raise Failed(f"{workers} workers differ from 1, not renewed: {first_difference(outputs[0], output)}")
    (folder / "expected.json").write_bytes(outputs[0])
    check_kind(folder, outputs[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--renew", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    binary = str(Path(options.binary).resolve())
    folders = [HERE / name for name in options.names] or sorted(path.parent for path in HERE.glob("*/recipe.py"))
    act = renew if options.renew else check

    def outcome(folder):
        try:
            act(binary, folder)
            return ""
        except (Failed, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
            return str(error) or type(error).__name__

    failed = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for folder, trouble in zip(folders, pool.map(outcome, folders)):
            failed += bool(trouble)
            print(f"{'FAILED' if trouble else 'ok    '} {folder.name}{': ' + trouble if trouble else ''}", flush=True)
    print(f"{len(folders) - failed} passed, {failed} failed")
    return 1 if failed or not folders else 0


if __name__ == "__main__":
    sys.exit(main())
