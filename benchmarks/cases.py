"""Captions every case of a folder, and prints the result of each.

    python benchmarks/cases.py CASES_DIR OUT_DIR [--engine ctranslate2] [--only d01,d02]
                               [--no-draft]

CASES_DIR has a folder for each case, with page.html and the recording that the page links. The
folder is served on loopback, and `aligner caption` is run on each page's address. The captions are
written to OUT_DIR/<case>/, where other benchmarks read them.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path


class Silent(http.server.SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_: object) -> None:
        return


def serve(folder: Path) -> str:
    """Serve a folder on loopback for as long as this process lives; returns its address."""
    handler = functools.partial(Silent, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/"


def caption(address: str, out: Path, more: list[str]) -> tuple[int, float]:
    """Run `aligner caption`; returns its exit code and wall time in seconds."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "aligner", "caption", address, "--allow-private", "--force"]
    ran = subprocess.run([*command, "--quiet", "-o", str(out), *more], check=False)
    return ran.returncode, time.perf_counter() - began


def pages(folder: Path, only: str) -> Iterator[Path]:
    """Yields the pages of the cases in a folder; ``only`` has comma-separated names, or is ""."""
    wanted = set(only.split(",")) - {""}
    for page in sorted(folder.glob("*/page.html")):
        if not wanted or page.parent.name in wanted:
            yield page


def sidecar(folder: Path) -> Path | None:
    """Returns the sidecar that the command wrote in a folder, if there is one."""
    return next(iter(folder.glob("*.json")), None)


def parser(description: str | None) -> argparse.ArgumentParser:
    """Returns a parser of the arguments that all benchmarks of cases have."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawTextHelpFormatter
    )
    made.add_argument("cases", type=Path)
    made.add_argument("out", type=Path)
    made.add_argument("--engine", default="auto")
    made.add_argument("--only", default="", help="names of cases, comma-separated")
    return made


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--no-draft", action="store_true")
    args = arguments.parse_args()
    base = serve(args.cases)
    more = ["--engine", args.engine, *(["--no-draft"] if args.no_draft else [])]
    for page in pages(args.cases, args.only):
        name = page.parent.name
        code, seconds = caption(f"{base}{name}/page.html", args.out / name, more)
        made = sidecar(args.out / name)
        status = json.loads(made.read_text(encoding="utf-8"))["status"] if made else "no sidecar"
        print(f"{name}: exit {code}, {status}, {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
