"""Fuzzes every function that reads bytes from outside.

    python benchmarks/fuzz/run.py --list
    python benchmarks/fuzz/run.py page feed --seconds 180
    python benchmarks/fuzz/run.py all --seconds 60 --keep finds
    python benchmarks/fuzz/run.py page --again finds/page-crash-0123abcd

The targets are the readers of ``tests/readers.py``, which the tests call with a few dozen inputs
each. Here libFuzzer, through Atheris, derives new inputs from those that reached new lines. A find
is an input with which a reader raises an error that is not in errors.py, takes longer than --slow
seconds, or uses more than 2 GB. A target ends at its first find; the input is kept, and --again
runs it once more.

Printed for each target: executions, executions a second, lines and branches reached (libFuzzer's
"cov"), and the find. Exit code 1 if there is one. Needs Atheris (requirements.txt in
this folder).
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_BYTES = 65_536
MEMORY_MB = 2048
RUNS = re.compile(r"^Done (\d+) runs in (\d+) second", re.MULTILINE)
LATEST = re.compile(r"^#(\d+)\s.*?\bcov: (\d+)", re.MULTILINE)
FIND = re.compile(r"Test unit written to (\S+)")
RAISED = re.compile(r"=== Uncaught Python exception: ===\n(.*)")


@dataclass(frozen=True, slots=True)
class Ran:
    """The result of one target."""

    runs: int
    reached: int
    find: Path | None
    what: str
    """What is wrong; "" if nothing is."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="names from --list, or all")
    parser.add_argument("--list", action="store_true", help="print the targets")
    parser.add_argument("--seconds", type=int, default=60, help="seconds for each target [60]")
    parser.add_argument("--slow", type=int, default=20, help="seconds an input may take [20]")
    parser.add_argument("--keep", type=Path, default=Path("finds"), help="folder for finds [finds]")
    parser.add_argument("--again", type=Path, metavar="FILE", help="run only this input")
    parser.add_argument("--seed", type=int, default=0, help="random seed; 0: another each time [0]")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    if given.child:
        fuzz(given.targets[0], given.child.split("\n"))
    from readers import READERS

    if given.list:
        print(*READERS, sep="\n")
        return 0
    targets = list(READERS) if given.targets == ["all"] else given.targets
    if not targets or not set(targets) <= set(READERS):
        parser.error(f"give targets, of {', '.join(READERS)}, or all")
    given.keep.mkdir(parents=True, exist_ok=True)
    print(f"{'target':16} {'executions':>10} {'a second':>8} {'reached':>7}  find")
    found = [show(name, measured(name, given), given.seconds) for name in targets]
    return 1 if any(found) else 0


def show(name: str, ran: Ran, seconds: int) -> bool:
    """Print a target's line; returns whether there is a find."""
    rate = ran.runs / max(seconds, 1)
    said = f"{ran.find or '-'}: {ran.what}" if ran.what else ""
    print(f"{name:16} {ran.runs:10} {rate:8.0f} {ran.reached:7}  {said}", flush=True)
    return bool(ran.what)


def measured(name: str, given: argparse.Namespace) -> Ran:
    """Fuzz one target in a process of its own, which libFuzzer ends."""
    from readers import READERS

    with tempfile.TemporaryDirectory(prefix="aligner-fuzz-") as room:
        corpus, words = Path(room) / "corpus", Path(room) / "words"
        corpus.mkdir()
        for k, seed in enumerate(READERS[name].seeds()):
            (corpus / str(k)).write_bytes(seed[:MOST_BYTES])
        words.write_text("\n".join(map(quoted, READERS[name].tokens)), encoding="ascii")
        options = [
            f"-max_total_time={given.seconds}", f"-timeout={given.slow}", f"-seed={given.seed}",
            f"-rss_limit_mb={MEMORY_MB}", f"-max_len={MOST_BYTES}", f"-dict={words}",
            f"-artifact_prefix={given.keep / name}-", "-print_final_stats=1",
            str(given.again or corpus),
        ]  # fmt: skip
        command = [sys.executable, __file__, name, "--child=" + "\n".join(options)]
        ran = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False,
            env=os.environ | {"TMPDIR": room},
        )  # fmt: skip
    if given.again:
        print(ran.stdout, ran.stderr)
    return understood(ran.stdout + ran.stderr, ran.returncode, given.again)


def quoted(token: str) -> str:
    """Returns a token in the form of libFuzzer's dictionaries."""
    return '"' + "".join(f"\\x{b:02x}" for b in token.encode("utf-8", "surrogatepass")) + '"'


def understood(said: str, code: int, again: Path | None) -> Ran:
    """Returns the figures of a target from libFuzzer's output."""
    latest = LATEST.findall(said)
    done = RUNS.search(said)
    runs = int(done[1]) if done else int(latest[-1][0]) if latest else 0
    reached = int(latest[-1][1]) if latest else 0
    if code == 0:
        return Ran(runs, reached, None, "")
    kept, raised = FIND.search(said), RAISED.search(said)
    what = raised[1].strip() if raised else "no exception: too slow, too large, or it crashed"
    if not kept and not again:  # killed, or broken before it began
        print(said[-2000:], file=sys.stderr)
        what = f"ended with {code}, and left no input"
    return Ran(runs, reached, Path(kept[1]) if kept else again, what)


def fuzz(name: str, options: Sequence[str]) -> None:
    """Fuzz in the process of one target; never returns."""
    import atheris

    with atheris.instrument_imports(include=["aligner"]):
        from readers import READERS, is_well
    reader = READERS[name]

    def once(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            is_well(reader, data, Path(folder))

    atheris.Setup([sys.argv[0], *options], once)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
