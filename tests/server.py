"""A real web server on loopback for tests: files, redirects, failures, endless bodies.

    with Server({"/page": Reply(b"<p>Hello")}, folder) as server:
        fetch(server.url("/page"))

What no route names is a file of ``folder``, else 404.
"""

from __future__ import annotations

import mimetypes
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

CHUNK = 1 << 16


@dataclass(frozen=True)
class Reply:
    """What the server answers."""

    body: bytes = b""
    content_type: str | None = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0
    """Wait before the answer."""
    drip_s: float = 0
    """Wait between single bytes of the body."""
    promised: int | None = None
    """The Content-Length to claim, where it is not the body's."""
    chunks: Callable[[], Iterable[bytes]] | None = None
    """A body made on the way, without Content-Length, in place of ``body``."""
    ranges: bool = False
    """Give parts of the body to those who ask for them."""


def redirect(to: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


def megabytes(count: int, chunk: bytes = b"<p>word " * (CHUNK // 8)) -> Reply:
    """A page of so many megabytes, made while it is sent."""
    return Reply(chunks=lambda: (chunk for _ in range(count * 1_000_000 // len(chunk))))


class Server:
    """Serves while its ``with`` block runs; knows what it was asked and what it sent."""

    def __init__(self, routes: Mapping[str, Reply] | None = None, folder: Path | None = None):
        self.routes = dict(routes or {})
        self.folder = folder
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.sent = 0
        self.connections = 0
        self.keeps = False
        """Whether connections are kept open after an answer (HTTP/1.1)."""
        self.at_once = self.most_at_once = 0
        """Requests that wait for an answer now, and the most of them that there were. One whose
        answer has begun is not counted: the client may be done with it before this server is."""
        self.counting = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def reply_to(self, path: str) -> Reply:
        bare = unquote(urlsplit(path).path)
        if found := self.routes.get(path) or self.routes.get(bare):
            return found
        if self.folder and (file := self.folder / bare.lstrip("/")).is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return Reply(file.read_bytes(), kind)
        return Reply(b"<h1>Not found</h1>", status=404)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def part_of(reply: Reply, asked: str | None) -> Reply:
    """The part of a reply that a Range header such as "bytes=0-99" asks for."""
    found = re.fullmatch(r"bytes=(\d+)-(\d*)", asked or "")
    if not reply.ranges or not found:
        return reply
    first, size = int(found[1]), len(reply.body)
    part = reply.body[first : int(found[2]) + 1 if found[2] else size]
    if not part:
        return Reply(status=416, headers={"Content-Range": f"bytes */{size}"})
    where = {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{size}"}
    return replace(reply, body=part, status=206, headers={**reply.headers, **where})


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"server_of_test": server})


class _Handler(BaseHTTPRequestHandler):
    server_of_test: Server

    def setup(self) -> None:
        super().setup()
        self.server_of_test.connections += 1
        if self.server_of_test.keeps:
            self.protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        ours = self.server_of_test
        with ours.counting:
            ours.at_once += 1
            ours.most_at_once = max(ours.most_at_once, ours.at_once)
        try:
            ours.asked.append(self.path)
            ours.headers.append(dict(self.headers.items()))
            reply = part_of(ours.reply_to(self.path), self.headers.get("Range"))
            time.sleep(reply.delay_s)
        finally:
            with ours.counting:
                ours.at_once -= 1
        self._answer(ours, reply)

    def _answer(self, ours: Server, reply: Reply) -> None:
        try:
            self._head(reply)
            for part in self._parts(reply):
                self.wfile.write(part)
                ours.sent += len(part)
        except OSError:
            pass  # the client had enough
        self.close_connection = self.close_connection or not ours.keeps

    do_HEAD = do_GET  # noqa: N815  the name that http.server asks for

    def _head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        if reply.content_type is not None:
            self.send_header("Content-Type", reply.content_type)
        if reply.chunks is None:
            length = len(reply.body) if reply.promised is None else reply.promised
            self.send_header("Content-Length", str(length))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _parts(self, reply: Reply) -> Iterable[bytes]:
        if self.command == "HEAD":
            return ()
        if reply.chunks is not None:
            return reply.chunks()
        step = 1 if reply.drip_s else CHUNK
        return self._pieces(reply, step)

    def _pieces(self, reply: Reply, step: int) -> Iterable[bytes]:
        for start in range(0, len(reply.body), step):
            time.sleep(reply.drip_s)
            yield reply.body[start : start + step]

    def log_message(self, *_: object) -> None: ...
