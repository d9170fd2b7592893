"""Serves many articles on loopback for the benchmarks of batches.

Article N has the address /N/PAGE and the contents of folder N modulo the number of folders. Each
article thus has its own address, output files and requests.
"""

from __future__ import annotations

import json
import mimetypes
import subprocess
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote

from aligner.audio.ffmpeg import ffmpeg_path

SAMPLE = Path(__file__).parent.parent / "samples" / "russia-and-assad"
PAGES = ("page.html", "index.html")


@dataclass(frozen=True, slots=True)
class Site:
    """The folders of the articles, and their number."""

    addresses: tuple[str, ...]
    asked: list[str]
    """The paths that were asked for, so far."""


def serve(folders: list[Path], count: int) -> Site:
    """Serve articles for as long as this process lives."""
    asked: list[str] = []
    kind = type("Handler", (_Handler,), {"folders": folders, "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    pages = [next(p for p in PAGES if (folder / p).is_file()) for folder in folders]
    addresses = (f"{base}/{n}/{pages[n % len(folders)]}" for n in range(count))
    return Site(tuple(addresses), asked)


class _Handler(BaseHTTPRequestHandler):
    folders: ClassVar[list[Path]]
    asked: ClassVar[list[str]]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        number, _, name = unquote(self.path).strip("/").partition("/")
        folder = self.folders[int(number) % len(self.folders)] if number.isdecimal() else None
        path = folder and (folder / name).resolve()
        if not (folder and path and path.is_file() and path.is_relative_to(folder.resolve())):
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", mimetypes.guess_type(path.name)[0] or "application/x")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return  # whoever asked was killed

    def log_message(self, *_: object) -> None: ...


def short_sample(folder: Path, seconds: int) -> Path:
    """Write the beginning of the sample to a folder: page, recording, and transcript.json."""
    folder.mkdir(parents=True, exist_ok=True)
    page = (SAMPLE / "index.html").read_bytes()
    length = f"0:{seconds // 60:02}:{seconds % 60:02}".encode()
    (folder / "index.html").write_bytes(page.replace(b"0:01:46", length))
    given = ("-loglevel", "error", "-y", "-i", str(SAMPLE / "russia-and-assad.mp4"))
    cut = ("-t", str(seconds), "-c", "copy", str(folder / "russia-and-assad.mp4"))
    subprocess.run([str(ffmpeg_path()), *given, *cut], check=True)
    transcript = json.loads((SAMPLE / "transcript.json").read_text("utf-8"))
    words = [word for word in transcript["words"] if word["end_ms"] < seconds * 1000]
    (folder / "transcript.json").write_text(json.dumps(transcript | {"words": words}), "utf-8")
    return folder
