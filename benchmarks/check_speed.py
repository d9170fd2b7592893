"""Pages a second of `aligner check`, against `yt-dlp --simulate` one page at a time, in one run.

    python benchmarks/check_speed.py [--pages 300] [--sample 20] [--latency-ms 0] [--jobs 8]

Makes pages of our own with small recordings behind them, a tenth of them without media, and serves
them from loopback. Both read every page over HTTP. yt-dlp is measured on a sample, twice: as a
process a page, which is how scripts use it, and as one process that goes through the sample.
The peak memory of `aligner check` is taken at a third of the pages and at all of them.
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

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "samples"))

from serve import Handler  # noqa: E402  it serves ranges, as real sites do

WORDS = """the of and to in a is that for it was on are as with they be at one have this from by
minister harbour council report election border railway hospital school winter harvest village
government announced agreed refused visited opened closed repaired promised measured""".split()
PARAGRAPHS, SENTENCES, LENGTH = 14, 4, 18
"""Of a page: that many paragraphs, sentences in each and words in a sentence."""


class Slow(Handler):
    """The samples' server behind a network: every answer takes a while."""

    latency_s = 0.0
    disable_nagle_algorithm = True

    def do_GET(self) -> None:  # noqa: N802  the name that http.server asks for
        time.sleep(self.latency_s)
        super().do_GET()


def make_media(folder: Path) -> tuple[str, ...]:
    """Two seconds of a tone in three formats, each a file of a few kilobytes; their names."""
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


def page(number: int, media: str | None, chance: random.Random) -> str:
    """An article of our own making, with menus and teasers around it."""

    def sentence() -> str:
        return " ".join(chance.choices(WORDS, k=LENGTH)).capitalize() + "."

    menu = "".join(f'<li><a href="/menu/{n}">{chance.choice(WORDS)}</a></li>' for n in range(60))
    body = "".join(
        f"<p>{' '.join(sentence() for _ in range(SENTENCES))}</p>" for _ in range(PARAGRAPHS)
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


def make(folder: Path, pages: int) -> list[str]:
    """The site; its pages' names."""
    chance = random.Random(7)  # noqa: S311  the same site every time
    media = make_media(folder)
    names = []
    for number in range(pages):
        its = None if number % 10 == 9 else media[number % len(media)]
        (folder / f"p{number}.html").write_text(page(number, its, chance), encoding="utf-8")
        names.append(f"p{number}.html")
    return names


def run(command: list[str], text: str = "") -> tuple[float, float, str]:
    """Run a command to its end: (wall seconds, peak resident memory in MB, its output)."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as given:
        given.write(text)
        given.seek(0)
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=given, stdout=out, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = 0  # wait4 has taken the exit code
        out.seek(0)
        return seconds, usage.ru_maxrss / 1024, out.read()


def check(addresses: list[str], args: argparse.Namespace) -> tuple[float, float, dict[str, int]]:
    """Check addresses in one process: (seconds, MB, how many ended in which state)."""
    command = [sys.executable, "-m", "aligner", "check", "--json", "--allow-private", "--quiet"]
    command += ["--jobs", str(args.jobs), "--per-host", str(args.jobs), "-"]
    seconds, memory, out = run(command, "\n".join(addresses))
    states = collections.Counter(json.loads(line)["state"] for line in out.splitlines())
    return seconds, memory, dict(states)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--latency-ms", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=8)
    args = parser.parse_args()
    Slow.latency_s = args.latency_ms / 1000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages = make(folder, args.pages)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Slow, directory=name))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}/"
        measure([base + page_name for page_name in pages], args)
        server.shutdown()


def measure(addresses: list[str], args: argparse.Namespace) -> None:
    """Run all and print the figures."""
    ytdlp = [sys.executable, "-m", "yt_dlp", "--simulate", "--quiet", "--ignore-config"]
    sample = addresses[:: max(1, len(addresses) // args.sample)][: args.sample]
    singly = sum(run([*ytdlp, address])[0] for address in sample) / len(sample)
    together = run([*ytdlp, "--ignore-errors", *sample])[0] / len(sample)
    few_seconds, few_memory, _ = check(addresses[: len(addresses) // 3], args)
    seconds, memory, states = check(addresses, args)
    each = seconds / len(addresses)
    print(
        f"{len(addresses)} pages, {args.latency_ms} ms before each answer, {os.cpu_count()} cores"
    )
    print(f"  aligner check, {args.jobs} jobs      {1 / each:7.1f} pages/s  {states}")
    for name, peer in (("a process a page", singly), ("one process for all", together)):
        print(f"  yt-dlp, {name:19} {1 / peer:7.1f} pages/s, 1/{peer / each:.1f} of that")
    print(f"  peak memory: {few_memory:.0f} MB at {len(addresses) // 3} pages", end="")
    print(f" ({few_seconds:.1f} s), {memory:.0f} MB at {len(addresses)} ({seconds:.1f} s)")


if __name__ == "__main__":
    main()
