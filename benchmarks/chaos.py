"""Kills a batch with SIGKILL at random moments, starts it again, and checks the results.

    python benchmarks/chaos.py [--kills 50] [--articles 12] [--seed 1]

The sample's first seconds are served on loopback under many addresses; a recorded transcript
replaces the recogniser. A first run without a kill gives the duration and the expected files. Then,
for each kill, one run in a new folder is killed at a random moment of that duration, and a second
run continues. Counted are

* whole: all articles have all files with the expected contents, and there are no other files;
* doubled: articles that ended twice, according to the job database;
* redone: the share of work that was done again. A pool that was killed counts with the mean time of
  its kind, although it was not finished, so this is an upper limit.

Exit code 1 if an article is not whole, or is doubled.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from batch_site import serve, short_sample


@dataclass(frozen=True, slots=True)
class Stage:
    """What all runs have in common."""

    list: Path
    model: Path
    jobs: int


def start(stage: Stage, out: Path) -> subprocess.Popen[str]:
    """Start a run over all articles."""
    command = [
        sys.executable, "-m", "aligner", "batch", str(stage.list), "-o", str(out),
        "--allow-private", "--quiet", "--no-cache", "-j", str(stage.jobs),
        "--engine", "recorded", "--model", str(stage.model),
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def texts(out: Path) -> dict[str, str]:
    """Returns the texts of the results' files by name."""
    return {
        str(path.relative_to(out)): path.read_text("utf-8")
        for path in sorted(out.iterdir())
        if path.is_file() and not path.name.startswith("report.")
    }


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of one kill."""

    moment_s: float
    whole: bool
    doubled: int
    redone: float
    pools_killed: int
    done_before: int


def kill_one(stage: Stage, out: Path, moment_s: float) -> float:
    """Start a run and kill it; returns the time of the kill, or of its end if that is earlier."""
    first = start(stage, out)
    try:
        first.communicate(timeout=moment_s)
    except subprocess.TimeoutExpired:
        first.kill()
        first.communicate()
        return moment_s
    shutil.rmtree(out)
    return kill_one(stage, out, 0.7 * moment_s)


def trial(stage: Stage, out: Path, moment_s: float, wanted: dict[str, str]) -> Trial:
    """Run a batch that is killed, and another that continues it."""
    moment_s = kill_one(stage, out, moment_s)
    before = len(list(out.glob("*.json")))
    second = start(stage, out)
    _, said = second.communicate()
    if second.returncode:
        print(f"  the second run ended with {second.returncode}: {said.strip()[-300:]}")
    rest = list((out / ".aligner" / "work").iterdir()) if out.exists() else []
    whole = second.returncode == 0 and texts(out) == wanted and not rest
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
    return Trial(moment_s, whole, doubled, redone, len(killed), before)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--articles", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=25, help="seconds of the sample's recording")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)  # noqa: S311  moments, not secrets
    with tempfile.TemporaryDirectory() as room:
        folder = short_sample(Path(room) / "sample", args.seconds)
        listed = Path(room) / "list.txt"
        listed.write_text("\n".join(serve([folder], args.articles).addresses), "utf-8")
        stage = Stage(listed, folder / "transcript.json", args.jobs)
        began = time.perf_counter()
        start(stage, Path(room) / "undisturbed").communicate()
        length = time.perf_counter() - began
        wanted = texts(Path(room) / "undisturbed")
        print(f"undisturbed: {args.articles} articles, {len(wanted)} files, {length:.1f} s")
        trials = []
        for number in range(args.kills):
            moment = chance.uniform(0, length)
            made = trial(stage, Path(room) / str(number), moment, wanted)
            trials.append(made)
            print(
                f"{number + 1}: killed at {made.moment_s:.1f} s with {made.done_before} done:"
                f" {'whole' if made.whole else 'NOT WHOLE'}, {made.doubled} doubled,"
                f" {made.pools_killed} pools cut short, at most {made.redone:.1%} redone",
                flush=True,
            )
    whole, doubled = sum(t.whole for t in trials), sum(t.doubled for t in trials)
    share = sum(t.redone for t in trials) / max(1, len(trials))
    print(f"{whole} of {len(trials)} whole, {doubled} doubled, {share:.1%} redone at most")
    sys.exit(0 if whole == len(trials) and not doubled else 1)


if __name__ == "__main__":
    main()
