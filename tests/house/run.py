#!/usr/bin/env python3
"""Runs the rules of the house as tests.

    run.py [--root DIR] [--binary PATH] [--shared DIR] [NAME...]

Each test first has to find every breach of its own samples. Prints what is broken; last line: 'N passed, N failed'.
A test that says NEEDS = ("binary",) fails without one; one that needs "shared" is left out where there is none.
"""
import argparse
import importlib
import sys
import tempfile
from pathlib import Path

from house import House

HERE = Path(__file__).resolve().parent
NOT_TESTS = {"house", "run"}


def deaf(module):
    """The samples in which the test finds nothing, or a good one in which it finds something."""
    found = []
    for name, tree in module.SAMPLES.items():
        with tempfile.TemporaryDirectory() as folder:
            for path, text in tree.items():
                target = Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            problems = module.check_sample(folder) if hasattr(module, "check_sample") else module.check(House(folder))
        if bool(problems) == name.startswith("good"):
            found.append(f"self-test: sample {name!r}: {problems or 'nothing found'}")
    if not any(not name.startswith("good") for name in module.SAMPLES):
        found.append("self-test: no bad sample")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=HERE.parent.parent)
    parser.add_argument("--binary")
    parser.add_argument("--shared", type=Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    shared = options.shared or options.root / ".." / "shared"
    house = House(options.root, options.binary, shared if shared.is_dir() else None)
    names = options.names or sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_TESTS)
    failed = ran = 0
    for name in names:
        module = importlib.import_module(name)
        needs = getattr(module, "NEEDS", ())
        if "shared" in needs and house.shared is None:
            print(f"left out {name}: no ../shared")
            continue
        ran += 1
        problems = deaf(module)
        if "binary" in needs and not options.binary:
            problems.append("needs --binary")
        else:
            problems += module.check(house)
        failed += bool(problems)
        print(f"{'FAILED' if problems else 'ok    '} {name}: {module.__doc__.splitlines()[0]}")
        for problem in problems:
            print(f"    {problem}")
    print(f"{ran - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
