"""Measures pages a second of `aligner check`, and of `yt-dlp --simulate` on the same pages.

    python benchmarks/check_speed.py [--pages 300] [--sample 20] [--latency-ms 0] [--jobs 8]
    python benchmarks/check_speed.py --memory 100,1000,10000 --paragraphs 4

Generates pages with small recordings, a tenth of them without media, and serves them from loopback.
Both programs read every page over HTTP, and cache none. yt-dlp is measured on a sample in two ways:
with one process a page, as scripts use it, and with one process for a hundred pages, so that the
start counts little. CPU time shows the costs of a page independently of other work on the machine.
With --memory only the peak memory of `aligner check` is measured, for each number of pages; short
pages suffice for it.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "samples"))

from serve import Handler  # noqa: E402  it serves ranges, as real sites do

WORDS = """the of and to in a is that for it was on are as with they be at one have this from by
minister harbour council report election border railway hospital school winter harvest village
government announced agreed refused visited opened closed repaired promised measured""".split()
PARAGRAPHS, SENTENCES, LENGTH = 14, 4, 18
"""Paragraphs of a page, sentences of a paragraph, and words of a sentence."""


class Slow(Handler):
    """The samples' server with a delay before every answer."""

    latency_s = 0.0
    disable_nagle_algorithm = True

    def do_GET(self) -> None:  # noqa: N802  the name that http.server asks for
        time.sleep(self.latency_s)
        super().do_GET()


def make_media(folder: Path) -> tuple[str, ...]:
    """Write two seconds of a tone in three formats of a few kilobytes each; returns their names."""
    import av
    import numpy as np

    tone = (np.sin(np.arange(32_000) / 16_000 * 2 * np.pi * 220) * 8000).astype("<i2")
    for name, codec in (("tone.mp3", "mp3"), ("tone.mp4", "aac"), ("tone.flac", "flac")):
        with av.open(str(folder / name), "w") as out:
            track = out.add_stream(codec, rate=16_000, layout="mono")
            frame = av.AudioFrame.from_ndarray(tone[None, :], format="s16", layout="mono")
            frame.sample_rate = 16_000
            assert isinstance(track, av.AudioStream)  # noqa: S101  an audio codec's
            for packet in (*track.encode(frame), *track.encode(None)):
                out.mux(packet)
    return "tone.mp3", "tone.mp4", "tone.flac"


def page(
    number: int, media: str | None, chance: random.Random, paragraphs: int = PARAGRAPHS
) -> str:
    """Returns an article with menus and teasers around it."""

    def sentence() -> str:
        return " ".join(chance.choices(WORDS, k=LENGTH)).capitalize() + "."

    menu = "".join(f'<li><a href="/menu/{n}">{chance.choice(WORDS)}</a></li>' for n in range(60))
    body = "".join(
        f"<p>{' '.join(sentence() for _ in range(SENTENCES))}</p>" for _ in range(paragraphs)
    )
    tag = "video" if media and media.endswith("mp4") else "audio"
    player = f'<{tag} controls src="/{media}?page={number}"></{tag}>' if media else ""
    teasers = "".join(
        f'<div class="teaser"><a href="/p{chance.randrange(999)}.html">{sentence()}</a></div>'
        for _ in range(20)
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Report {number}</title>'
        f'<meta property="og:title" content="Report {number}"></head><body><ul>{menu}</ul>'
        f'<article class="article-body"><h1>Report {number}</h1>{player}{body}</article>'
        f"<aside>{teasers}</aside></body></html>"
    )


def make(folder: Path, pages: int, paragraphs: int = PARAGRAPHS) -> list[str]:
    """Write the site; returns its pages' names."""
    chance = random.Random(7)  # noqa: S311  the same site every time
    media = make_media(folder)
    names = []
    for number in range(pages):
        its = None if number % 10 == 9 else media[number % len(media)]
        (folder / f"p{number}.html").write_text(
            page(number, its, chance, paragraphs), encoding="utf-8"
        )
        names.append(f"p{number}.html")
    return names


class Ran(NamedTuple):
    """The outcome and costs of a command."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    """Peak resident memory."""
    output: str


def run(command: list[str], text: str = "") -> Ran:
    """Run a command to its end."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as given:
        given.write(text)
        given.seek(0)
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=given, stdout=out, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = 0  # wait4 has taken the exit code
        out.seek(0)
        cpu = usage.ru_utime + usage.ru_stime
        return Ran(seconds, cpu, usage.ru_maxrss / 1024, out.read())


def check(addresses: list[str], args: argparse.Namespace) -> tuple[Ran, dict[str, int]]:
    """Check addresses in one process; returns how many ended in which state."""
    command = [sys.executable, "-m", "aligner", "check", "--json", "--allow-private", "--quiet"]
    command += ["--jobs", str(args.jobs), "--per-host", str(args.jobs), "--no-cache", "-"]
    ran = run(command, "\n".join(addresses))
    states = collections.Counter(json.loads(line)["state"] for line in ran.output.splitlines())
    return ran, dict(states)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--together", type=int, default=100, help="pages for one process of yt-dlp")
    parser.add_argument("--latency-ms", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--paragraphs", type=int, default=PARAGRAPHS, help="paragraphs of a page")
    parser.add_argument(
        "--memory",
        metavar="PAGES,...",
        help="measure only the peak memory, for each of these numbers of pages",
    )
    args = parser.parse_args()
    Slow.latency_s = args.latency_ms / 1000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        counts = [int(n) for n in args.memory.split(",")] if args.memory else []
        pages = make(folder, max([args.pages, *counts]), args.paragraphs)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Slow, directory=name))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}/"
        addresses = [base + page_name for page_name in pages]
        if counts:
            measure_memory(addresses, counts, args)
        else:
            measure(addresses, args)
        server.shutdown()


def measure_memory(addresses: list[str], counts: list[int], args: argparse.Namespace) -> None:
    """Print the peak memory for each number of pages."""
    for number in counts:
        ran, states = check(addresses[:number], args)
        print(
            f"{number:6} pages  {ran.megabytes:5.0f} MB  {ran.seconds:6.1f} s  {states}", flush=True
        )


def spread(addresses: list[str], number: int) -> list[str]:
    """Returns a number of addresses, evenly spread over the list."""
    return addresses[:: max(1, len(addresses) // number)][:number]


def measure(addresses: list[str], args: argparse.Namespace) -> None:
    """Run all commands and print the figures."""
    ytdlp = [sys.executable, "-m", "yt_dlp", "--simulate", "--quiet", "--ignore-config"]
    sample, many = spread(addresses, args.sample), spread(addresses, args.together)
    singly = sum(run([*ytdlp, address]).seconds for address in sample) / len(sample)
    whole = run([*ytdlp, "--ignore-errors", *many])
    together = whole.seconds / len(many)
    ran, states = check(addresses, args)
    each = ran.seconds / len(addresses)
    print(
        f"{len(addresses)} pages, {args.latency_ms} ms before each answer, {os.cpu_count()} cores"
    )
    print(f"  aligner check, {args.jobs} jobs      {1 / each:7.1f} pages/s  {states}")
    for name, peer in (("a process a page", singly), ("one process for all", together)):
        print(f"  yt-dlp, {name:19} {1 / peer:7.1f} pages/s, 1/{peer / each:.1f} of that")
    ours, theirs = ran.cpu_seconds / len(addresses), whole.cpu_seconds / len(many)
    print(f"  CPU time a page: {1000 * ours:.0f} ms, yt-dlp's one process {1000 * theirs:.0f} ms")
    print(f"  peak memory: {ran.megabytes:.0f} MB")


if __name__ == "__main__":
    main()
