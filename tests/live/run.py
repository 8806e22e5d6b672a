#!/usr/bin/env python3
"""Runs the live tests: namespaces, real tools, a real HTTP receiver.

    run.py --binary PATH [--slow] [--shared DIR] [--work DIR] [--only WORD] [TOPIC...]

A topic is a file test_TOPIC.py here; its tests are the functions test_*(stage), in the order in which they stand, each
with a stage of its own. --slow: a build with a sanitizer, so limits of time and rate do not count. Needs root.
Prints one line a test; last line: 'N passed, N failed'.
"""
import argparse
import importlib
import os
import sys
import time
import traceback
from pathlib import Path

from harness import Failed, Stage

HERE = Path(__file__).resolve().parent


def tests_of(topic):
    module = importlib.import_module(f"test_{topic}")
    return [(name, value) for name, value in vars(module).items() if name.startswith("test_") and callable(value)
            and value.__module__ == module.__name__]


def outcome(test, options):
    """'' or why it failed."""
    try:
        with Stage(options) as stage:
            try:
                test(stage)
            except BaseException:
                if options.verbose:
                    for log in sorted([*stage.folder.glob("*.log"), *stage.folder.glob("*.out")]):
                        print(f"--- {log.name}\n{log.read_text(errors='replace')[-6000:]}")
                raise
        return ""
    except Failed as failed:
        return str(failed)
    except Exception:                                  # a test that breaks is a test that fails
        return traceback.format_exc(limit=-3).strip().replace("\n", "\n    ")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="build/release/wiresage")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--shared", default=str(HERE.parent.parent.parent / "shared"))
    parser.add_argument("--work", default=str(HERE.parent.parent / "build/live"))
    parser.add_argument("--only", default="", help="tests whose name contains this")
    parser.add_argument("-v", "--verbose", action="store_true", help="the daemon's log of what fails")
    parser.add_argument("topics", nargs="*")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("the live tests need root: they make network namespaces\n0 passed, 1 failed")
        return 1
    topics = options.topics or sorted(path.stem[5:] for path in HERE.glob("test_*.py"))
    passed = failed = 0
    for topic in topics:
        for name, test in tests_of(topic):
            if options.only not in name:
                continue
            began = time.monotonic()
            trouble = outcome(test, options)
            passed, failed = passed + (not trouble), failed + bool(trouble)
            words = f"{topic}: {name[5:].replace('_', ' ')} ({time.monotonic() - began:.1f} s)"
            print(f"{'FAILED' if trouble else 'ok    '} {words}{': ' + trouble if trouble else ''}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
