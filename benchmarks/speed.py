"""Measures time and memory of aligner and its peers, as whole processes in turn.

    python benchmarks/speed.py ARTICLE RECORDING --work DIR [--seconds 300] [--rounds 5]
    python benchmarks/speed.py ARTICLE RECORDING --work DIR --lengths 60,300,900 --into runs.jsonl
    python benchmarks/speed.py --summary runs.jsonl [--plot speed.png --peers-python PYTHON]

ARTICLE is a page's text (.txt) or a saved page, RECORDING a local file in which it is read. Every
contestant runs once in each round, in a process of its own and one at a time; each round begins
with another one. The medians of the rounds are reported. The benchmark can be stopped after any
run, and continued with the same file (--into). Before each run the machine must be quiet (less than
a tenth of its cores' time in use, for which it waits up to --patience seconds). CPU time of other
processes during a run is measured and reported.

With --seconds or --lengths the recording is cut or repeated, with the text that is read in it
(speed_material.py). The work folder keeps the results, and the peers' environment unless
--peers-python names a Python that has it (speed-requirements.txt). --other is the text of another
story, to measure the costs of an article that does not match.

The output is one line of JSON for each run; at the end, or with --summary, tables in Markdown.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import speed_runs
from speed_material import Material, material, source
from speed_peers import CONTESTANTS, Contestant, Kit, environment, ready, versions
from speed_table import table

QUIET = 0.1
"""The maximum share of the cores' time in use before a run."""
NOT_BY_DEFAULT = {"aligner-openai"}
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Session:
    """How runs are made and where they are recorded."""

    kit: Kit
    work: Path
    patience_s: float
    timeout_s: float
    notes: IO[str]

    def note(self, record: dict[str, Any]) -> None:
        print(json.dumps(record), file=self.notes, flush=True)


def main() -> None:
    args = _arguments()
    if args.summary:
        print(table(_read(args.summary)))
        if args.plot:
            python = str(args.peers_python or sys.executable)
            plot = [python, str(HERE / "speed_plot.py"), str(args.summary), str(args.plot)]
            subprocess.run(plot, check=True)
        return
    args.work.mkdir(parents=True, exist_ok=True)
    into = args.into or args.work / f"runs-{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
    kit = ready(args.peers_python, args.work, args.other)
    given = source(args.article, args.recording, args.work)
    materials = [material(given, length, args.work) for length in args.lengths]
    with into.open("a", encoding="utf-8") as notes:
        session = Session(kit, args.work, args.patience, args.timeout, notes)
        session.note(_about(kit))
        names = _chosen(args, kit)
        done = sum(r.get("contestant") == names[-1] for r in _read(into)) // len(materials)
        for contestant, what in _turns(names, materials, range(done, done + args.rounds)):
            _measure(session, contestant, what)
    print(f"\n{into}\n\n{table(_read(into))}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("article", nargs="?", type=Path)
    parser.add_argument("recording", nargs="?", type=Path)
    parser.add_argument("--work", type=Path, help="folder for the material of the runs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, help="one length of the recording")
    parser.add_argument("--lengths", type=_lengths, help="several lengths, in seconds: 60,300,900")
    parser.add_argument("--only", help=f"contestants: some of {', '.join(CONTESTANTS)}")
    parser.add_argument("--other", type=Path, help="the text of another story")
    parser.add_argument("--peers-python", type=Path, help="the Python of the peers' environment")
    parser.add_argument("--patience", type=float, default=60, help="seconds to wait for quiet")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds that a run may take")
    parser.add_argument("--into", type=Path, help="file of JSON lines to add the runs to")
    parser.add_argument("--summary", type=Path, help="print such a file's tables, run nothing")
    parser.add_argument("--plot", type=Path, help="with --summary: draw time against length (PNG)")
    args = parser.parse_args()
    if not args.summary and not (args.article and args.recording and args.work):
        parser.error("give ARTICLE, RECORDING and --work, or --summary")
    args.lengths = args.lengths or [args.seconds]
    return args


def _lengths(text: str) -> list[float]:
    return [float(length) for length in text.split(",")]


def _chosen(args: argparse.Namespace, kit: Kit) -> list[str]:
    """Returns the contestants of this session by name."""
    names = (
        args.only.split(",") if args.only else [n for n in CONTESTANTS if n not in NOT_BY_DEFAULT]
    )
    if unknown := [name for name in names if name not in CONTESTANTS]:
        sys.exit(f"no such contestant: {', '.join(unknown)}; there are {', '.join(CONTESTANTS)}")
    if kit.other is None:
        names = [name for name in names if not CONTESTANTS[name].other]
    return names


def _turns(
    names: list[str], materials: list[Material], rounds: range
) -> Iterator[tuple[str, Material]]:
    """Yields the order of runs: in each round all contestants, beginning with another one."""
    for at in rounds:
        for what in materials:
            first = at % len(names)
            yield from ((name, what) for name in names[first:] + names[:first])


# ---------------------------------------------------------------- a run


def _measure(session: Session, name: str, what: Material) -> None:
    """Run a contestant, and record its time and memory."""
    contestant = CONTESTANTS[name]
    busy = speed_runs.wait_for_quiet(QUIET, session.patience_s)
    with tempfile.TemporaryDirectory(dir=session.work) as folder:
        out = Path(folder)
        command = contestant.command(session.kit, what, out)
        env = environment(session.work, contestant)
        run = speed_runs.run(command, env, session.timeout_s)
        record = _record(name, what, run) | {"busy_before": _rounded(busy), "words": _words(out)}
    if name == "floor" and run.code == 0:
        record["floor"] = json.loads(run.said.splitlines()[-1])
    if run.code not in contestant.codes:
        late = f"ended after {session.timeout_s:.0f} s" if run.wall_s > session.timeout_s else ""
        record["failed"] = late or run.complaint or f"exit code {run.code}"
    session.note(record)
    print(_line(contestant, record), flush=True)


def _record(name: str, what: Material, run: speed_runs.Run) -> dict[str, Any]:
    return {
        "kind": "run", "when": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "contestant": name, "recording": what.name, "seconds": round(what.seconds, 1),
        "wall_s": round(run.wall_s, 3), "cpu_s": round(run.cpu_s, 3),
        "peak_mb": round(run.peak_mb, 1), "own_mb": _rounded(run.own_mb, 1),
        "others": _rounded(run.others), "stolen": _rounded(run.stolen), "code": run.code,
    }  # fmt: skip


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)


def _line(contestant: Contestant, record: dict[str, Any]) -> str:
    failed = "  FAILED: " + record["failed"][-300:] if "failed" in record else ""
    others = "?" if record["others"] is None else f"{record['others']:.0%}"
    return (
        f"{contestant.title:44} {record['seconds']:6.0f} s of sound  {record['wall_s']:7.1f} s  "
        f"{record['peak_mb']:5.0f} MB  {record['words']:5} words  others {others}{failed}"
    )


CUE = re.compile(r"-->.*\n((?:.+\n?)+)")
TAG = re.compile(r"<[^>]*>")


def _words(out: Path) -> int:
    """Returns the number of words in the captions, which shows whether the work was done."""
    files = [path for path in out.glob("*.vtt") if not path.name.endswith(".words.vtt")]
    cues = (cue for path in files for cue in CUE.findall(path.read_text(encoding="utf-8")))
    return sum(len(TAG.sub("", cue).split()) for cue in cues)


# ---------------------------------------------------------------- notes


def _about(kit: Kit) -> dict[str, Any]:
    """Returns the machine, and the versions of what is compared."""
    model = next((line.partition(":")[2].strip() for line in _cpu() if "model name" in line), "")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "kind": "session", "when": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "cores": speed_runs.cores(), "processor": model or platform.processor(),
        "system": platform.platform(terse=True), "python": platform.python_version(),
        "commit": commit.stdout.strip() or None, "versions": versions(kit),
    }  # fmt: skip


def _cpu() -> list[str]:
    place = Path("/proc/cpuinfo")
    return place.read_text(encoding="utf-8").splitlines() if place.is_file() else []


def _read(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


if __name__ == "__main__":
    main()
