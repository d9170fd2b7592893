"""Measures `aligner review --serve` on folders with more and more results.

    python benchmarks/review_server.py [--results 1000 3000 10000] [--rounds 20]

Each folder has copies of the sample's sidecar, captions and one recording, each result under its
own name. Printed for each size: seconds until all sidecars are read, the server's memory then
(resident; on Linux), the time of the first list, which comes while they are read, and the median
and longest time in milliseconds of a request for the list, and, for results chosen at random, the
page, a part of the recording, the vtt file, and saving a correction.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from aligner.captions import store

SAMPLE = Path(__file__).parent.parent / "samples" / "russia-and-assad"
NAME = "russia-and-assad"


def fill(folder: Path, count: int) -> None:
    """Write the results of a folder."""
    folder.mkdir()
    text = (SAMPLE / "captions" / f"{NAME}.json").read_text("utf-8")
    vtt = (SAMPLE / "captions" / f"{NAME}.vtt").read_bytes()
    shutil.copy(SAMPLE / f"{NAME}.mp4", folder)
    for number in range(count):
        (folder / f"r{number:05}.json").write_text(text, "utf-8")
        (folder / f"r{number:05}.vtt").write_bytes(vtt)


class Client:
    """Sends requests to a server, and measures them."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.connection = HTTPConnection(parts.netloc, timeout=120)
        self.origin, self.token = f"http://{parts.netloc}", parts.path

    def ask(self, path: str, body: object = None, part: str | None = None) -> tuple[float, bytes]:
        """Returns the milliseconds that a request took, and the answer. Raises RuntimeError."""
        headers = {"Origin": self.origin, "Content-Type": "application/json"} if body else {}
        headers |= {"Range": part} if part else {}
        sent = json.dumps(body).encode() if body else None
        began = time.perf_counter()
        self.connection.request("POST" if body else "GET", self.token + path, sent, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{path}: {answer.status} {data[:200]!r}")
        return 1000 * (time.perf_counter() - began), data


def save(client: Client, folder: Path, name: str) -> float:
    """Save a correction of a result; returns the milliseconds it took."""
    text = (folder / f"{name}.json").read_text("utf-8")
    record = json.loads(text)
    record["cues"][0]["lines"] = [f"Corrected {random.random()}"]  # noqa: S311  not secret
    posted = {"version": store.version_of(text), "words": record["words"], "cues": record["cues"]}
    return client.ask(f"save/{name}", posted)[0]


def measure(folder: Path, count: int, rounds: int) -> dict[str, str]:
    """Returns the figures of one folder."""
    command = [sys.executable, "-m", "aligner", "review", "--serve", str(folder), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        if server.stdout is None:
            raise RuntimeError("the server has no output")
        client = Client(server.stdout.readline().strip())
        began = time.perf_counter()
        first_ms, page = client.ask("")
        while b'"not_read"' in page:
            time.sleep(0.2)
            page = client.ask("")[1]
        made = {"read s": f"{time.perf_counter() - began:.1f}", "first list": f"{first_ms:.0f}"}
        made["MB"] = memory_mb(server.pid)

        def name() -> str:
            return f"r{random.randrange(count):05}"  # noqa: S311

        requests: dict[str, Callable[[], float]] = {
            "list": lambda: client.ask("")[0],
            "page": lambda: client.ask(f"page/{name()}")[0],
            "part": lambda: client.ask(f"media/{name()}", part="bytes=1000-65000")[0],
            "vtt": lambda: client.ask(f"export/vtt/{name()}")[0],
            "save": lambda: save(client, folder, name()),
        }
        for what, ask in requests.items():
            times = [ask() for _ in range(rounds)]
            made[what] = f"{statistics.median(times):.0f}/{max(times):.0f}"
        made["MB after"] = memory_mb(server.pid)
        return made
    finally:
        server.terminate()
        server.wait()


def memory_mb(process: int) -> str:
    """Returns the resident memory of a process; "?" where there is no /proc."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii")
    except OSError:
        return "?"
    return f"{int(status.partition('VmRSS:')[2].split()[0]) / 1024:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--results", type=int, nargs="+", default=[1000, 3000, 10_000])
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    for count in args.results:
        with tempfile.TemporaryDirectory() as room:
            folder = Path(room) / "captions"
            fill(folder, count)
            made = measure(folder, count, args.rounds)
        print(f"{count} results: " + ", ".join(f"{k} {v}" for k, v in made.items()), flush=True)


if __name__ == "__main__":
    main()
