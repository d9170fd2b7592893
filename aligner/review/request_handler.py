"""Answers the HTTP requests of the review pages.

Four checks keep other programs and other web pages out:

- Every path begins with a random token. A request without it is refused.
- The Host header must name this server. That stops DNS rebinding.
- A POST request must have this server's Origin header. That stops cross-site requests.
- A result's name must be that of a sidecar in the folder. No path leads out of it.

A recording that is not in the folder is fetched through the guarded client. Only audio and video
are passed on.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote

from aligner._util import strict_json
from aligner.captions.formats import FORMATS
from aligner.errors import AlignerError, EditConflict
from aligner.net.guard import is_http_url
from aligner.review import edits, exports
from aligner.review.page import sound_parts
from aligner.review.playback import NotPlayable, byte_range
from aligner.review.refused import Refused
from aligner.review.report import report
from aligner.review.results import MEDIA_SUFFIXES, recording
from aligner.review.served_folder import ServedFolder
from aligner.types import CaptionResult

logger = logging.getLogger(__name__)

MAX_BODY = 64 << 20
"""The most bytes of a correction. Three hours of captions are 6 MB."""
CHUNK = 1 << 18
REQUEST_TIMEOUT_S = 30


class RequestHandler(BaseHTTPRequestHandler):
    """Answers one connection's requests to the pages of ``served``."""

    protocol_version = "HTTP/1.1"
    timeout = REQUEST_TIMEOUT_S

    def __init__(self, served: ServedFolder, origin: str, token: str, *connection: Any) -> None:
        """``connection``: what ``socketserver`` passes to its handlers."""
        self.served, self.origin, self.token = served, origin, token
        super().__init__(*connection)

    # ------------------------------------------------------------ requests

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_HEAD(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def _answer(self, work: Callable[[list[str]], None]) -> None:
        try:
            work(self._path_parts())
        except Refused as refused:
            self._refuse(refused)
        except AlignerError as error:
            self._refuse(Refused(HTTPStatus.INTERNAL_SERVER_ERROR, str(error)))
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _path_parts(self) -> list[str]:
        """Returns the parts of the path after the token. Raises Refused."""
        if self.headers.get("Host") != self.origin.removeprefix("http://"):
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "this server has another name")
        parts = self.path.split("?")[0].split("/")
        token = parts[1] if len(parts) > 1 else ""
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            raise Refused(HTTPStatus.FORBIDDEN, "the address lacks the token")
        return [unquote(part) for part in parts[2:]]

    def _get(self, parts: list[str]) -> None:
        match parts:
            case [""] | []:
                self._list()
            case ["page", name]:
                self._page(name)
            case ["sound", name]:
                self._sound(name)
            case ["media", name]:
                self._media(name)
            case ["job", name]:
                self._job(name)
            case ["export", kind, name]:
                self._export(kind, name)
            case _:
                raise Refused(HTTPStatus.NOT_FOUND, "there is no such page")

    # ------------------------------------------------------------ pages

    def _list(self) -> None:
        page = report(self.served.index.rows())
        self._send(page.encode(), "text/html; charset=utf-8")

    def _page(self, name: str) -> None:
        self._send(self.served.page(name).encode(), "text/html; charset=utf-8")

    def _job(self, name: str) -> None:
        job = self.served.intake.jobs.of(name)
        body = json.dumps(job.record if job else None)
        self._send(body.encode(), "application/json")

    def _sound(self, name: str) -> None:
        """Send the waveform and the issues; the page asks for them once it is shown.

        They come separately because decoding a long recording takes time.
        """
        _, outcome = self.served.read(name)
        sound = self.served.waveform_of(recording(self.served.folder, name, outcome))
        body = json.dumps(sound_parts(outcome, sound), ensure_ascii=False)
        self._send(body.encode("utf-8", "replace"), "application/json")

    def _export(self, kind: str, name: str) -> None:
        if kind not in FORMATS:
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such format")
        made, content_type = exports.export(*self.served.read(name), name, kind)
        self._send(made, content_type, download=True)

    # ------------------------------------------------------------ the recording

    def _media(self, name: str) -> None:
        _, outcome = self.served.read(name)
        path = recording(self.served.folder, name, outcome)
        if path is None:
            self._remote_media(outcome)
            return
        size = path.stat().st_size
        start, end, whole = byte_range(self.headers.get("Range"), size)
        self.send_response(HTTPStatus.OK if whole else HTTPStatus.PARTIAL_CONTENT)
        if not whole:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.send_header("Accept-Ranges", "bytes")
        self._headers(MEDIA_SUFFIXES[path.suffix.lower()], end - start)
        if self.command == "HEAD":
            return
        with path.open("rb") as file:
            file.seek(start)
            left = end - start
            while left and (chunk := file.read(min(CHUNK, left))):
                self.wfile.write(chunk)
                left -= len(chunk)

    def _remote_media(self, outcome: CaptionResult) -> None:
        """Fetch a part of the recording from its own address, and pass it on."""
        remote, link = self.served.remote, outcome.media
        if remote is None or link is None or not is_http_url(link.url):
            raise Refused(HTTPStatus.NOT_FOUND, "the recording is not in the folder")
        try:
            part = remote.part(link.url, self.headers.get("Range"))
        except NotPlayable as error:
            raise Refused(HTTPStatus.BAD_GATEWAY, str(error)) from error
        self.send_response(HTTPStatus.OK if part.whole else HTTPStatus.PARTIAL_CONTENT)
        if not part.whole:
            total = "*" if part.total is None else part.total
            last = part.start + len(part.data) - 1
            self.send_header("Content-Range", f"bytes {part.start}-{last}/{total}")
        self.send_header("Accept-Ranges", "bytes")
        self._headers(part.content_type, len(part.data))
        if self.command != "HEAD":
            self.wfile.write(part.data)

    # ------------------------------------------------------------ POST requests

    def _post(self, parts: list[str]) -> None:
        if self.headers.get("Origin") != self.origin:
            raise Refused(HTTPStatus.FORBIDDEN, "only a page of this server may save")
        match parts:
            case ["save", name]:
                self._save(name)
            case ["upload", name, kind]:
                self._upload(name, kind)
            case ["caption" | "fetch" | "cancel" as what, name]:
                self._begin(what, name)
            case _:
                raise Refused(HTTPStatus.NOT_FOUND, "there is nothing to send there")

    def _upload(self, name: str, kind: str) -> None:
        """Take an uploaded recording.

        Its content type must be one for which a browser asks before another site's page sends it.
        """
        if self.headers.get_content_type() != "application/octet-stream":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not application/octet-stream")
        self.served.read(name)
        self.served.intake.take_file(name, kind, self._length(), self.rfile.read)
        self._send(b"{}", "application/json")

    def _begin(self, what: str, name: str) -> None:
        """Start or cancel a job for a result."""
        posted, intake = self._body(), self.served.intake
        self.served.read(name)
        if what == "caption":
            intake.take_address(name, posted)
        elif what == "fetch":
            intake.fetch(name)
        elif job := intake.jobs.of(name):
            job.cancel.cancel()
        self._send(b"{}", "application/json")

    def _save(self, name: str) -> None:
        posted = self._body()
        self.served.read(name)
        try:
            with self.served.save_lock:
                version = edits.save(self.served.folder, name, posted)
        except EditConflict as conflict:
            raise Refused(HTTPStatus.CONFLICT, str(conflict), conflict.version) from conflict
        except ValueError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from error
        self._send(json.dumps({"version": version}).encode(), "application/json")

    def _length(self) -> int:
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,18}", length):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "the request has no valid Content-Length")
        return int(length)

    def _body(self) -> object:
        """Returns the request's body, which must be JSON of at most MAX_BODY bytes."""
        if self.headers.get_content_type() != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not JSON")
        if (length := self._length()) > MAX_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the correction is too large")
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("cut short")
        try:
            return strict_json.read(body)
        except ValueError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, "not JSON") from error

    # ------------------------------------------------------------ answers

    def _send(self, body: bytes, kind: str, download: bool = False) -> None:
        self.send_response(HTTPStatus.OK)
        if download:
            self.send_header("Content-Disposition", "attachment")
        self._headers(kind, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _headers(self, kind: str, length: int) -> None:
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(length)),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Content-Security-Policy", "frame-ancestors 'none'"),
        ):
            self.send_header(name, value)
        self.end_headers()

    def _refuse(self, refused: Refused) -> None:
        told: dict[str, str] = {"reason": refused.reason}
        if refused.version:
            told["version"] = refused.version
        body = json.dumps(told).encode()
        if self.command == "POST":
            self.close_connection = True  # its body may not have been read
        self.send_response(refused.status)
        self._headers("application/json", len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        logger.debug(format, *args)
