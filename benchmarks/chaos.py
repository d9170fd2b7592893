"""Kills a command with SIGKILL at random moments, starts it again, and checks the results.

    python benchmarks/chaos.py [batch] [--kills 50] [--articles 12] [--seed 1]
    python benchmarks/chaos.py caption --kills 100 --seconds 15

The sample's first seconds are served on loopback under many addresses; a recorded transcript
replaces the recogniser. A first run without a kill gives the duration and the expected files. Then,
for each kill, one run in a new folder is killed at a random moment of that duration, and a second
run continues. Every other kill falls into the last quarter, in which files are written. Counted are

* half: result files that the kill left with other than the expected contents;
* lost: result files that were there after the kill, and not after the second run;
* alive: processes of the killed run that live two seconds later (on Linux);
* left: files and folders besides the results that are there after the second run, in its folder
  and in that for temporary files;
* whole: all articles have all files with the expected contents after the second run, which ended
  with exit code 0;
* of a batch: doubled, articles that ended twice according to the job database; and redone, the
  share of work that was done again. A pool that was killed counts with the mean time of its kind,
  although it was not finished, so this is an upper limit.

Exit code 1 if an article is not whole, or anything is half, lost, alive, left or doubled.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from batch_site import serve, short_sample

ALIVE_S = 2.0
"""How long processes of a killed run may live on: they notice that they are alone."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What all runs have in common."""

    given: tuple[str, ...]
    """The command and its arguments."""
    room: Path
    """The folder for the temporary files of all runs."""

    @property
    def is_batch(self) -> bool:
        return self.given[0] == "batch"


def start(stage: Stage, out: Path) -> subprocess.Popen[str]:
    """Start a run over all articles."""
    return subprocess.Popen(
        [sys.executable, "-m", "aligner", *stage.given, "-o", str(out)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"TMPDIR": str(stage.room)},
    )  # fmt: skip


def texts(out: Path) -> dict[str, str]:
    """Returns the texts of the results' files by name."""
    return {
        str(path.relative_to(out)): path.read_text("utf-8", "replace")
        for path in (sorted(out.iterdir()) if out.exists() else ())
        if path.is_file() and not path.name.startswith(("report.", "."))
    }


def left_over(stage: Stage, out: Path, wanted: dict[str, str]) -> list[str]:
    """Returns what is there besides results, reports and the job database."""
    work = out / ".aligner" / "work"
    found = [*out.iterdir(), *(work.iterdir() if work.exists() else ()), *stage.room.iterdir()]
    ours = {*wanted, *((".aligner", "report.html", "report.jsonl") if stage.is_batch else ())}
    return [path.name for path in found if path.name not in ours]


def alive(stage: Stage) -> list[int]:
    """Returns the processes whose temporary folder is the runs'; none where there is no /proc."""
    mark = f"TMPDIR={stage.room}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in place.read_bytes().split(b"\0"):
                found.append(int(place.parent.name))
        except OSError:  # it has just ended, or is somebody else's
            continue
    return found


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of one kill."""

    moment_s: float
    half: int
    lost: int
    alive: int
    left: tuple[str, ...]
    whole: bool
    done_before: int
    doubled: int = 0
    redone: float = 0.0
    pools_killed: int = 0

    @property
    def is_well(self) -> bool:
        return self.whole and not (
            self.half or self.lost or self.alive or self.left or self.doubled
        )


def kill_one(stage: Stage, out: Path, moment_s: float) -> float:
    """Start a run and kill it; returns the time of the kill, or of its end if that is earlier."""
    first = start(stage, out)
    try:
        first.communicate(timeout=moment_s)
    except subprocess.TimeoutExpired:
        first.kill()
        first.wait()
        return moment_s
    shutil.rmtree(out)
    return kill_one(stage, out, 0.7 * moment_s)


def trial(stage: Stage, out: Path, moment_s: float, wanted: dict[str, str]) -> Trial:
    """Run a command that is killed, and another that continues it."""
    moment_s = kill_one(stage, out, moment_s)
    before = texts(out)
    half = sum(text != wanted.get(name) for name, text in before.items())
    until = time.monotonic() + ALIVE_S
    while (living := alive(stage)) and time.monotonic() < until:
        time.sleep(0.05)
    second = start(stage, out)
    _, said = second.communicate()
    if second.returncode:
        print(f"  the second run ended with {second.returncode}: {said.strip()[-300:]}")
    after = texts(out)
    for name, text in after.items():
        if text != wanted.get(name):
            print(f"  {name}: {first_difference(wanted.get(name, ''), text)}")
    made = Trial(
        moment_s, half, len(before.keys() - after.keys()), len(living),
        tuple(left_over(stage, out, wanted)), second.returncode == 0 and after == wanted,
        sum(name.endswith(".json") for name in before),
    )  # fmt: skip
    return replace(made, **_work_done(out)) if stage.is_batch else made


def first_difference(expected: str, found: str) -> str:
    """Returns the first line that two texts do not share, in each of them."""
    lines = zip_longest(expected.splitlines(), found.splitlines(), fillvalue="")
    pair = next(((a, b) for a, b in lines if a != b), ("", ""))
    return f"{pair[0][:300]!r} was expected, not {pair[1][:300]!r}"


def _work_done(out: Path) -> dict[str, Any]:
    """Returns the fields of a trial that the job database tells."""
    with closing(sqlite3.connect(out / ".aligner" / "ledger.sqlite")) as db:
        doubled = db.execute(
            "SELECT count(*) FROM (SELECT item FROM steps WHERE pool = 'write'"
            " AND spent_ms IS NOT NULL GROUP BY item HAVING count(*) > 1)"
        ).fetchone()[0]
        spent = dict(
            db.execute("SELECT pool, sum(spent_ms) FROM steps WHERE spent_ms >= 0 GROUP BY pool")
        )
        times = dict(
            db.execute("SELECT pool, avg(spent_ms) FROM steps WHERE spent_ms >= 0 GROUP BY pool")
        )
        killed = db.execute("SELECT pool FROM steps WHERE spent_ms IS NULL").fetchall()
    redone = sum(times.get(pool, 0.0) for (pool,) in killed) / max(1.0, sum(spent.values()))
    return {"doubled": doubled, "redone": redone, "pools_killed": len(killed)}


def stage_of(args: argparse.Namespace, room: Path) -> Stage:
    """Serve the articles, and return the command that captions them."""
    folder = short_sample(room / "sample", args.seconds)
    site = serve([folder], args.articles if args.command == "batch" else 1)
    temporary = room / "temporary"
    temporary.mkdir()
    listed = room / "list.txt"
    listed.write_text("\n".join(site.addresses), "utf-8")
    given = [args.command, str(listed) if args.command == "batch" else site.addresses[0]]
    given += ["--allow-private", "--quiet", "--engine", "recorded"]
    given += ["--model", str(folder / "transcript.json")]
    given += ["--no-cache", "-j", str(args.jobs)] if args.command == "batch" else []
    return Stage(tuple(given), temporary)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", nargs="?", choices=("batch", "caption"), default="batch")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--articles", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=25, help="seconds of the sample's recording")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)  # noqa: S311  moments, not secrets
    with tempfile.TemporaryDirectory() as room:
        stage = stage_of(args, Path(room))
        undisturbed = Path(room) / "undisturbed"
        first = start(stage, undisturbed)  # Python compiles what it imports
        _, said = first.communicate()
        if first.returncode:
            sys.exit(f"the undisturbed run ended with {first.returncode}: {said}")
        shutil.rmtree(undisturbed)
        began = time.perf_counter()
        start(stage, undisturbed).communicate()
        length = time.perf_counter() - began
        wanted = texts(undisturbed)
        print(f"undisturbed: {len(wanted)} files, {length:.1f} s")
        trials = []
        for number in range(args.kills):
            moment = chance.uniform(0.75 * length if number % 2 else 0, length)
            trials.append(trial(stage, Path(room) / str(number), moment, wanted))
            show(number + 1, trials[-1])
    count = len(trials)
    share = sum(t.redone for t in trials) / max(1, count)
    print(
        f"{sum(t.whole for t in trials)} of {count} whole, {sum(t.half for t in trials)} half,"
        f" {sum(t.lost for t in trials)} lost, {sum(t.alive for t in trials)} alive,"
        f" {sum(len(t.left) for t in trials)} left, {sum(t.doubled for t in trials)} doubled,"
        f" {share:.1%} redone at most; {sum(t.done_before > 0 for t in trials)} killed with results"
    )
    sys.exit(0 if all(t.is_well for t in trials) else 1)


def show(number: int, made: Trial) -> None:
    """Print the line of one kill."""
    print(
        f"{number}: killed at {made.moment_s:.1f} s with {made.done_before} done:"
        f" {'whole' if made.whole else 'NOT WHOLE'}, {made.half} half, {made.lost} lost,"
        f" {made.alive} alive, {len(made.left)} left {' '.join(made.left)}"
        f" {made.doubled} doubled, {made.pools_killed} pools cut short,"
        f" at most {made.redone:.1%} redone",
        flush=True,
    )


if __name__ == "__main__":
    main()
