"""Measures how long `--help` takes: whole processes, in turn, medians of many.

    python benchmarks/startup.py [--runs 20] [COMMAND ...]

Each COMMAND is the arguments of one run of aligner, in quotes; without any these are measured:
"caption --help", "--help", "models --help", "lint --help", "--version". Python alone is measured
too, as the minimum. Each command runs twice before the measured runs. The share of the cores' time
that other processes used is printed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import time
from statistics import median

import speed_runs

USUAL = ("caption --help", "--help", "models --help", "lint --help", "--version")
WARM_UP = 2


def milliseconds(command: list[str]) -> float:
    """Returns the milliseconds of a command from start to end."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("commands", nargs="*", default=USUAL)
    parser.add_argument("--runs", type=int, default=20)
    args = parser.parse_args()
    python = [sys.executable, "-c", "pass"]
    aligner = [sys.executable, "-m", "aligner"]
    todo = {"python alone": python} | {
        f"aligner {text}": [*aligner, *shlex.split(text)] for text in args.commands
    }
    busy = speed_runs.busy(1.0)
    took: dict[str, list[float]] = {name: [] for name in todo}
    for at in range(WARM_UP + args.runs):
        for name, command in todo.items():
            ms = milliseconds(command)
            if at >= WARM_UP:
                took[name].append(ms)
    others = "not known" if busy is None else f"{busy:.0%} of {os.cpu_count()} cores' time"
    print(f"medians of {args.runs}, in milliseconds; used by others just before: {others}")
    for name, found in took.items():
        print(f"  {name:28} {median(found):6.0f}   ({min(found):.0f} to {max(found):.0f})")


if __name__ == "__main__":
    main()
