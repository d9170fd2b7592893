"""Serve samples/ on loopback, with byte ranges, at a port that is free.

python samples/serve.py                     prints the address, serves until interrupted
python samples/serve.py -- COMMAND {url}    runs a command with the address put in for {url},
                                            and ends with its exit code
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

SAMPLES = Path(__file__).resolve().parent


class Handler(SimpleHTTPRequestHandler):
    """Files of a folder, whole or one range of bytes at a time, as players ask for them."""

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012  the base class has it so
        **SimpleHTTPRequestHandler.extensions_map,
        ".vtt": "text/vtt",
        ".mp4": "video/mp4",
    }

    def send_head(self) -> BytesIO | BinaryIO | None:
        asked = self.headers.get("Range")
        path = Path(self.translate_path(self.path))
        if asked is None or not path.is_file():
            return super().send_head()
        size = path.stat().st_size
        part = byte_range(asked, size)
        if part is None:
            self._refuse(size)
            return None
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {part.start}-{part.stop - 1}/{size}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        with path.open("rb") as file:
            file.seek(part.start)
            return BytesIO(file.read(len(part)))

    def _refuse(self, size: int) -> None:
        """Say that the file has no such bytes."""
        self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        self.send_header("Content-Range", f"bytes */{size}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def end_headers(self) -> None:
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Keep quiet: what the command says is what matters."""


def byte_range(header: str, size: int) -> range | None:
    """A Range header with one range -> the bytes of a file that it means; None if there are none.

    "bytes=5-9", "bytes=5-" (to the end) and "bytes=-5" (the last five).
    """
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", header.strip())
    if not found or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        part = range(max(0, size - int(last)), size)
    else:
        part = range(int(first), min(size, int(last) + 1) if last else size)
    return part or None


@contextmanager
def serving(folder: Path = SAMPLES) -> Iterator[str]:
    """A folder -> its address, which ends in a slash, for as long as the block runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def main(arguments: list[str]) -> int:
    """Serve, or run a command against what is served -> the exit code."""
    if arguments and arguments[0] != "--":
        print(__doc__, file=sys.stderr)
        return 2
    with serving() as url:
        if not arguments[1:]:
            print(url, flush=True)
            threading.Event().wait()
        command = [word.replace("{url}", url) for word in arguments[1:]]
        return _run(command)


def _run(command: list[str]) -> int:
    """Run a command -> its exit code. Ctrl-C is for the command to answer, however long it takes.

    (subprocess.run kills the command a quarter of a second after Ctrl-C. A handler that does
    nothing is not inherited by the command; SIG_IGN would be.)
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with subprocess.Popen(command) as process:
            return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
