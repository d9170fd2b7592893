"""Caption every case of a folder and say what became of each.

    python benchmarks/cases.py CASES_DIR OUT_DIR [--engine ctranslate2] [--only d01,d02]
                               [--no-draft]

CASES_DIR holds a folder a case, each with page.html and the recording that the page links. The
folder is served on loopback, and `aligner caption` is run on each page's address, as a user would.
OUT_DIR/<case>/ then holds the captions, for a scorer.
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
from pathlib import Path


class Silent(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        return


def serve(folder: Path) -> str:
    """Serve a folder on a free loopback port for as long as this process lives; its address."""
    handler = functools.partial(Silent, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/"


def caption(address: str, out: Path, more: list[str]) -> tuple[int, float]:
    """Run the command; its exit code and wall time in seconds."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "aligner", "caption", address, "--allow-private", "--force"]
    ran = subprocess.run([*command, "--quiet", "-o", str(out), *more], check=False)
    return ran.returncode, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--only", default="")
    parser.add_argument("--no-draft", action="store_true")
    args = parser.parse_args()
    base = serve(args.cases)
    more = ["--engine", args.engine, *(["--no-draft"] if args.no_draft else [])]
    wanted = set(args.only.split(",")) - {""}
    for page in sorted(args.cases.glob("*/page.html")):
        name = page.parent.name
        if wanted and name not in wanted:
            continue
        code, seconds = caption(f"{base}{name}/page.html", args.out / name, more)
        made = next(iter((args.out / name).glob("*.json")), None)
        status = json.loads(made.read_text(encoding="utf-8"))["status"] if made else "no sidecar"
        print(f"{name}: exit {code}, {status}, {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
