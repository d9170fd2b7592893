"""Counts the requests of a run over pages without media, by User-Agent.

    python benchmarks/requests_made.py [--pages 300] [--kind plain|framed] [COMMAND ...]

Serves articles from loopback: plain ones (text, pictures, links to other stories and to the videos
of the site), or framed ones, which also have frames of a counter and of an advertisement, in which
a recording may be. COMMAND is `check` (the default) or `batch`. Prints the number of requests by
the kind of address and by User-Agent.
"""

from __future__ import annotations

import argparse
import collections
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

FRAMES = '<noscript><iframe src="/count.html"></iframe></noscript><iframe src="/ad.html"></iframe>'
SENTENCE = "The council closed the bridge on Monday and opened it again after the repairs. "


def page(number: int, frames: str) -> bytes:
    """Returns an article without media."""
    title = f"Story {number}"
    text = "".join(f"<p>{SENTENCE * 4}</p>" for _ in range(12))
    return f"""<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>
<meta property=og:type content=article><meta property=og:image content=/i/{number}.jpg>
<script>window.dataLayer = window.dataLayer || [];</script></head><body>
<nav><a href=/video/>Video</a> <a href=/live/>Live</a> <a href=/n{number + 1}.html>Next</a></nav>
<article><h1>{title}</h1><img src=/i/{number}.jpg alt="">{text}</article>{frames}
<footer><a href=/about>About us</a></footer></body></html>""".encode()


class Site(BaseHTTPRequestHandler):
    """Serves the articles and robots.txt, and records the requests."""

    frames = ""
    asked: ClassVar[collections.Counter[tuple[str, str]]] = collections.Counter()
    counting = threading.Lock()

    def do_GET(self) -> None:
        is_page = self.path.startswith("/n")
        kind = "an article" if is_page else self.path
        with self.counting:
            self.asked[kind, self.headers.get("User-Agent", "")] += 1
        known = is_page or self.path == "/robots.txt"
        body = page(int(self.path[2:-5]), self.frames) if is_page else b"User-agent: *\nDisallow:\n"
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "text/html" if is_page else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  the name that http.server asks for

    def log_message(self, *_: object) -> None: ...


def run(command: str, addresses: list[str]) -> None:
    """Run a command over the addresses."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "addresses.txt"
        listed.write_text("\n".join(addresses), "utf-8")
        given = ["--from", str(listed), "--csv"] if command == "check" else [str(listed), "-q"]
        given += ["-o", f"{folder}/out"] if command == "batch" else []
        always = ["--allow-private", "--contact", "desk@news.example", "--no-cache"]
        subprocess.run(
            [sys.executable, "-m", "aligner", command, *given, *always],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", nargs="?", choices=("check", "batch"), default="check")
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--kind", choices=("plain", "framed"), default="plain")
    asked = parser.parse_args()
    Site.frames = FRAMES if asked.kind == "framed" else ""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    run(
        asked.command,
        [f"http://127.0.0.1:{server.server_port}/n{n}.html" for n in range(asked.pages)],
    )
    server.shutdown()
    print(
        f"{sum(Site.asked.values())} requests for {asked.pages} {asked.kind} pages without media:"
    )
    for (kind, agent), count in sorted(Site.asked.items()):
        print(f"{count:5} {kind} by {agent}")


if __name__ == "__main__":
    main()
