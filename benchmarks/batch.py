"""How quick `aligner batch` is beside a loop over `aligner caption`, and with many items.

    python benchmarks/batch.py speed [--cases DIR] [--articles 20] [--engine recorded|auto]
    python benchmarks/batch.py workers [--articles 20] [--workers 1,2]
    python benchmarks/batch.py ledger [--items 100000]

*speed*: articles are served on loopback: the folders of DIR that hold a page.html and the recording
that it links, else the first seconds of the sample (--seconds). They are captioned by one
`aligner batch` and by one `aligner caption` each, one after the other, in turn: the figure is the
wall time of each, and whether the captions are the same. With --engine recorded, the sample's
transcript stands for the recogniser, and only what is around it is measured.

*workers*: the sample's first seconds under so many addresses, by one and by more workers of a Ray
cluster of this machine, of one core each, with the replayed recogniser. Told is the time from the
first result to the last, without the start of the cluster.

*ledger*: so many addresses are entered, half of them are made to look done, with a sidecar each.
Then, each with the time it takes: opening and entering the same list again, choosing what there is
to do and the first claim (*resume*); the numbers of each status (*summary*); both reports. Peak
memory is that of the whole process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batch_site import PAGES, serve, short_sample

from aligner.batching import Batch, BatchOptions
from aligner.batching.ledger import QUEUED
from aligner.pipeline import Options


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what:<12} {time.perf_counter() - began:7.2f} s   peak memory {peak:.0f} MB", flush=True
    )


# ---------------------------------------------------------------- speed


def aligner(*arguments: str) -> float:
    """Run the command; its wall time in seconds."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "aligner", *arguments, "--allow-private", "--quiet"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - began


def captions(out: Path) -> list[str]:
    """All captions of a folder, without their names."""
    return sorted(path.read_text("utf-8") for path in out.glob("*.vtt"))


def speed(args: argparse.Namespace, room: Path) -> None:
    if args.cases:
        folders = sorted(p for p in args.cases.iterdir() if (p / PAGES[0]).is_file())
    else:
        folders = [short_sample(room / "sample", args.seconds)]
    addresses = serve(folders, args.articles).addresses
    listed = room / "list.txt"
    listed.write_text("\n".join(addresses), "utf-8")
    how = ["--engine", args.engine]
    if args.engine == "recorded":
        how += ["--model", str(room / "sample" / "transcript.json")]
    one = aligner("batch", str(listed), "-o", str(room / "batch"), "--no-cache", *how)
    print(
        f"batch: {len(addresses)} articles in {one:.1f} s, {3600 / one * args.articles:.0f} an hour"
    )
    loop = sum(aligner("caption", a, "-o", str(room / "loop"), *how) for a in addresses)
    print(f"loop:  {len(addresses)} articles in {loop:.1f} s, {loop / one:.2f} times as long")
    made = captions(room / "batch")
    print(f"{len(made)} captioned; the same from both: {made == captions(room / 'loop')}")


# ---------------------------------------------------------------- workers


def workers(args: argparse.Namespace, room: Path) -> None:
    folder = short_sample(room / "sample", args.seconds)
    addresses = serve([folder], args.articles).addresses
    model = str(folder / "transcript.json")
    options = Options(engine="recorded", model=model, allow_private=True)
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
            batch.ledger.claim((QUEUED,))
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
    fast.add_argument("--articles", type=int, default=20)
    fast.add_argument("--seconds", type=int, default=25, help="of the sample's recording")
    fast.add_argument("--engine", default="recorded")
    cluster = kinds.add_parser("workers")
    cluster.add_argument("--articles", type=int, default=20)
    cluster.add_argument("--seconds", type=int, default=25, help="of the sample's recording")
    cluster.add_argument("--workers", default="1,2")
    many = kinds.add_parser("ledger")
    many.add_argument("--items", type=int, default=100_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        {"speed": speed, "workers": workers, "ledger": ledger}[args.kind](args, Path(room))


if __name__ == "__main__":
    main()
