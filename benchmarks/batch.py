"""Measures `aligner batch` against a loop over `aligner caption`, and with many items.

    python benchmarks/batch.py speed [--cases DIR] [--pages DIR] [--articles 20] [--loop N]
        [--engine auto]
    python benchmarks/batch.py memory [--cases DIR] [--articles 20,100,200] [--engine auto]
    python benchmarks/batch.py workers [--articles 20] [--workers 1,2]
    python benchmarks/batch.py ledger [--items 100000]

*speed*: articles are served on loopback: the folders of DIR that have a page.html and the recording
that it links, otherwise the first seconds of the sample (--seconds). With --pages, saved pages are
served too, most of which have no media, as in any newsroom's list. The articles are captioned by
one `aligner batch`, and by one `aligner caption` each, in sequence. Printed are the wall time of
both, whether the captions are the same, how often the batch loaded its recogniser, its peak
memory, the bytes written for each article (without the job database), and the extrapolated costs
of a million such articles. With --engine recorded, the sample's transcript replaces the
recogniser, so that only the other work is measured. With --loop N, only the first N articles are
captioned one by one, and their mean time is used for all; N should be a multiple of the number of
different articles.

*memory*: the peak memory of batches of increasing numbers of articles, as the system counts it.

*workers*: the sample's first seconds under many addresses, done by one and by several workers of
one core each, of a Ray cluster on this machine, with the recorded transcript. Printed is the time
from the first result to the last, without the start of the cluster.

*ledger*: addresses are entered in a job database, and half of them are marked as done, with a
sidecar each. Printed are the times of opening and entering the same list again, choosing the
remaining items and claiming the first (*resume*), of counting the items of each status (*summary*),
and of both reports. Peak memory is that of the whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from batch_site import PAGES, serve, short_sample

from aligner.jobs import Batch, BatchOptions
from aligner.jobs.selection import JobSelection
from aligner.pipeline.options import Options


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what:<12} {time.perf_counter() - began:7.2f} s   peak memory {peak:.0f} MB", flush=True
    )


# ---------------------------------------------------------------- speed


@dataclass(frozen=True, slots=True)
class Ran:
    """The outcome and costs of a command."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    loads: int
    """How often a batch loaded its recogniser."""


def aligner(*arguments: str) -> Ran:
    """Run a command of aligner, and wait for it."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "aligner", *arguments, "--allow-private", "--quiet"]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, _, used = os.wait4(process.pid, 0)  # also counts what it started: ffmpeg
        process.returncode = 0  # else it would be waited for again
        said.seek(0)
        loads = said.read().count("the recogniser is loaded")
    taken = time.perf_counter() - began
    return Ran(taken, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, loads)


def how_to_listen(args: argparse.Namespace, folder: Path) -> list[str]:
    """Returns the arguments that choose the recogniser."""
    how = ["--engine", args.engine]
    return [*how, "--model", str(folder / "transcript.json")] if args.engine == "recorded" else how


def articles(args: argparse.Namespace, room: Path) -> list[Path]:
    """Returns the folders of the articles."""
    if args.cases:
        return sorted(p for p in args.cases.iterdir() if (p / PAGES[0]).is_file())
    return [short_sample(room / "sample", args.seconds)]


def pages(args: argparse.Namespace, room: Path) -> Iterator[Path]:
    """Returns the saved pages, each in a folder of its own, as articles are."""
    for page in sorted(args.pages.glob("*.html")) if args.pages else ():
        folder = room / "pages" / page.stem
        folder.mkdir(parents=True)
        (folder / PAGES[0]).write_bytes(page.read_bytes())
        yield folder


def listed(addresses: tuple[str, ...], room: Path) -> str:
    """Write a list of addresses; returns its path."""
    path = room / f"{len(addresses)}.txt"
    path.write_text("\n".join(addresses), "utf-8")
    return str(path)


def captions(out: Path) -> list[str]:
    """Returns all captions in a folder, without their names."""
    return sorted(path.read_text("utf-8") for path in out.glob("*.vtt"))


def speed(args: argparse.Namespace, room: Path) -> None:
    count = args.articles
    folders = [*articles(args, room), *pages(args, room)]
    addresses = serve(folders, count).addresses
    how = how_to_listen(args, short_sample(room / "sample", args.seconds))
    out = room / "batch"
    one = aligner("batch", listed(addresses, room), "-o", str(out), "--no-cache", "-v", *how)
    hourly = 3600 / one.seconds * count
    print(f"batch: {count} articles in {one.seconds:.1f} s, {hourly:.0f} an hour", flush=True)
    print(f"       loads of the recogniser: {one.loads}; peak memory {one.peak_mb:.0f} MB")
    print(f"       {len(folders)} different ones; {dict(statuses(out))}")
    told(one, out, count)
    some = addresses[: args.loop]
    loop = sum(aligner("caption", a, "-o", str(room / "loop"), *how).seconds for a in some)
    times = loop / len(some) * count / one.seconds
    print(f"loop:  {len(some)} articles in {loop:.1f} s: {times:.2f} times as long for each")
    made = captions(out)
    same = made == captions(room / "loop") if len(some) == count else "not looked at"
    print(f"{len(made)} captioned; the same from both: {same}")


def statuses(out: Path) -> Counter[str]:
    """Returns the numbers of articles by status."""
    lines = (out / "report.jsonl").read_text("utf-8").splitlines()
    return Counter(json.loads(line)["status"] for line in lines)


def told(one: Ran, out: Path, count: int) -> None:
    """Print the costs of a million such articles."""
    files = [p for p in out.iterdir() if p.is_file() and not p.name.startswith("report.")]
    size = sum(path.stat().st_size for path in files) / count
    ledger = (out / ".aligner" / "ledger.sqlite").stat().st_size / count
    print(
        f"       a million: {one.seconds / count / 3600 * 1e6:.0f} hours of such a machine"
        f" ({one.cpu_seconds / count / 3600 * 1e6:.0f} core-hours computing),"
        f" {size * 1e6 / 1e9:.0f} GB of results, {ledger * 1e6 / 1e9:.1f} GB of ledger",
        flush=True,
    )


def memory(args: argparse.Namespace, room: Path) -> None:
    counts = [int(count) for count in args.articles.split(",")]
    addresses = serve(articles(args, room), max(counts)).addresses
    how = how_to_listen(args, short_sample(room / "sample", args.seconds))
    for count in counts:
        given = listed(addresses[:count], room)
        ran = aligner("batch", given, "-o", str(room / str(count)), "--no-cache", *how)
        print(
            f"{count} articles: peak memory {ran.peak_mb:.0f} MB, {ran.seconds:.0f} s", flush=True
        )


# ---------------------------------------------------------------- workers


def workers(args: argparse.Namespace, room: Path) -> None:
    folder = short_sample(room / "sample", args.seconds)
    addresses = serve([folder], args.articles).addresses
    model = str(folder / "transcript.json")
    options = Options(engine="recorded", model=model, speakers="off", allow_private=True)
    for count in map(int, args.workers.split(",")):
        how = BatchOptions(room / str(count), ray="local", workers=count)
        with Batch(options, how) as batch:
            batch.enter(addresses)
            moments = [time.perf_counter() for _ in batch.results()]
        took = moments[-1] - moments[0]
        print(f"{count} workers: {len(moments)} articles, {took:.1f} s after the first", flush=True)


# ---------------------------------------------------------------- ledger


def ledger(args: argparse.Namespace, room: Path) -> None:
    def addresses() -> Iterator[str]:
        return (f"https://example.com/news/{n}/story-{n}" for n in range(args.items))

    how = BatchOptions(room)
    with timed("enter"), Batch(Options(), how) as batch:
        batch.enter(addresses())
    with timed("(half done)"), Batch(Options(), how) as batch, batch.ledger.changing() as db:
        line = json.dumps({"name": "x", "files": ["x.vtt"], "cues": 20, "duration_ms": 90_000})
        db.execute(
            "UPDATE items SET status = 'captioned', ended = 1, formats = 'vtt,json,txt', record = ?"
            " WHERE id % 2",
            (line,),
        )
        for (name,) in db.execute("SELECT name FROM items WHERE id % 2"):
            (room / f"{name}.json").touch()
    with Batch(Options(), how) as batch:
        with timed("resume"):
            todo = batch.enter(addresses())
            batch.ledger.claim(JobSelection())
        with timed("summary"):
            counts = batch.snapshot().counts
        with timed("reports"):
            batch.write_reports()
        size = batch.ledger.path.stat().st_size
    print(f"{todo} to do; {counts}; the ledger has {size / 1e6:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    fast = kinds.add_parser("speed")
    fast.add_argument("--cases", type=Path)
    fast.add_argument("--pages", type=Path, help="folder of saved pages (.html)")
    fast.add_argument("--articles", type=int, default=20)
    fast.add_argument("--seconds", type=int, default=25, help="seconds of the sample's recording")
    fast.add_argument("--engine", default="recorded")
    fast.add_argument("--loop", type=int, help="number of articles to caption one by one (all)")
    large = kinds.add_parser("memory")
    large.add_argument("--cases", type=Path)
    large.add_argument("--articles", default="20,100,200")
    large.add_argument("--seconds", type=int, default=25, help="seconds of the sample's recording")
    large.add_argument("--engine", default="recorded")
    cluster = kinds.add_parser("workers")
    cluster.add_argument("--articles", type=int, default=20)
    cluster.add_argument(
        "--seconds", type=int, default=25, help="seconds of the sample's recording"
    )
    cluster.add_argument("--workers", default="1,2")
    many = kinds.add_parser("ledger")
    many.add_argument("--items", type=int, default=100_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        kind = {"speed": speed, "memory": memory, "workers": workers, "ledger": ledger}[args.kind]
        kind(args, Path(room))


if __name__ == "__main__":
    main()
