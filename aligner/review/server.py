"""The server of the review pages: shows a folder's results on loopback, and saves corrections.

Four checks keep other programs and other web pages out:

- Every path begins with a random token. A request without it is refused.
- The Host header must name this server. That stops DNS rebinding.
- A POST request must have this server's Origin header. That stops cross-site requests.
- A result's name must be that of a sidecar in the folder. No path leads out of it.

A recording that is not in the folder is fetched through the guarded client. Only audio and video
are passed on.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

from aligner._util import strict_json
from aligner.captions import store
from aligner.captions.formats import FORMATS
from aligner.captions.profiles import Profile
from aligner.errors import AlignerError, EditConflict
from aligner.net.guard import is_http_url
from aligner.review import edits, exports
from aligner.review.intake import RecordingIntake, Services
from aligner.review.page import PageContext, build, sound_parts
from aligner.review.playback import (
    NotPlayable,
    RemoteRecordings,
    byte_range,
    direct_address,
    origin,
)
from aligner.review.refused import Refused
from aligner.review.report import report
from aligner.review.result_index import ResultIndex
from aligner.review.results import MEDIA_SUFFIXES, has_result, recording
from aligner.review.waveform import Waveform
from aligner.types import CaptionResult

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
MAX_BODY = 64 << 20
"""The most bytes of a correction. Three hours of captions are 6 MB."""
CHUNK = 1 << 18
FIRST_PORT, PORTS = 49_152, 16_384
"""The first dynamic port (RFC 6335), and how many there are."""
TOKEN_BYTES = 24
REQUEST_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """What a server needs."""

    folder: Path
    """The folder of results; an absolute path without links."""
    profile: Profile
    """The captioning standard that the pages check cues against."""
    waveform: Callable[[Path], Waveform | None]
    """Decodes a recording to its waveform; None if it cannot be decoded."""
    services: Services = Services()  # noqa: RUF009  frozen


class Server(ThreadingHTTPServer):
    """Serves a folder until it is closed.

    ``port``: the port to listen on; None takes ``usual_port``, or any other if that is in use.
    Raises OSError if the given port cannot be used.
    """

    daemon_threads = True

    def __init__(self, config: ServerConfig, port: int | None = None) -> None:
        self.config = config
        self.token = secrets.token_urlsafe(TOKEN_BYTES)
        self.save_lock = threading.Lock()
        """Held while a result's files are read or written."""
        self._waveform_lock = threading.Lock()
        self._waveforms: dict[tuple[str, int], Waveform | None] = {}
        """Waveforms by the recording's name and modification time."""
        self.index = ResultIndex(config.folder)
        piece = config.services.piece
        self.remote = RemoteRecordings(piece) if piece else None
        try:
            super().__init__((HOST, usual_port(config.folder) if port is None else port), _Handler)
        except OSError:
            if port is not None:
                raise
            super().__init__((HOST, 0), _Handler)
        self.intake = RecordingIntake(config.folder, config.services, self.save_lock)
        self.index.start()

    def server_close(self) -> None:
        """Stop listening, cancel all jobs, and wait for their end."""
        super().server_close()
        if hasattr(self, "intake"):  # not if the port was taken
            self.intake.jobs.close()
            self.index.close()

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    @property
    def address(self) -> str:
        """The address of the list of results; it contains the token."""
        return f"{self.origin}/{self.token}/"

    def waveform_of(self, path: Path | None) -> Waveform | None:
        """Returns a recording's waveform; the recording is decoded only once."""
        if path is None:
            return None
        key = (path.name, path.stat().st_mtime_ns)
        with self._waveform_lock:
            if key not in self._waveforms:
                self._waveforms[key] = self.config.waveform(path)
            return self._waveforms[key]


def usual_port(folder: Path) -> int:
    """Returns the port that a folder is served at if it is free: a dynamic port from its path.

    A browser stores unsaved edits under the page's origin, which includes the port. With the same
    port after a restart, it finds the edits again.
    """
    digest = hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).digest()
    return FIRST_PORT + int.from_bytes(digest[:4], "big") % PORTS


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = REQUEST_TIMEOUT_S

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
        if self.headers.get("Host") != self.server.origin.removeprefix("http://"):
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "this server has another name")
        parts = self.path.split("?")[0].split("/")
        token = parts[1] if len(parts) > 1 else ""
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
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
        page = report(self.server.index.rows())
        self._send(page.encode(), "text/html; charset=utf-8")

    def _read(self, name: str) -> tuple[str, CaptionResult]:
        """Returns the text of a result's sidecar, and the result. Raises Refused."""
        folder = self.server.config.folder
        if not has_result(folder, name):
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such result")
        try:
            with self.server.save_lock:
                return self.server.index.load(name)
        except ValueError as error:
            raise Refused(HTTPStatus.NOT_FOUND, f"not a result: {error}") from error

    def _page(self, name: str) -> None:
        text, outcome = self._read(name)
        kept = recording(self.server.config.folder, name, outcome)
        part = quote(name, safe="")
        media = self._media_addresses(outcome, part, kept)
        shown = PageContext(
            name=name,
            profile=self.server.config.profile,
            media=media[0] if media else None,
            media_from=origin(media[0]) if media and is_http_url(media[0]) else None,
            version=store.version_of(text),
            served={
                "list": "../",
                "save": f"../save/{part}",
                "sound": f"../sound/{part}" if kept else None,
                "exports": exports.offered(outcome, name, part),
                "media": media,
                **self.server.intake.offered(outcome, part),
            },
        )
        self._send(build(outcome, shown).encode(), "text/html; charset=utf-8")

    def _media_addresses(self, outcome: CaptionResult, part: str, kept: Path | None) -> list[str]:
        """Returns the addresses at which a page may find the recording, in the order to try.

        ``part`` is the result's name, quoted; ``kept`` is its recording in the folder, if any.
        """
        ours = f"../media/{part}"
        if kept:
            return [ours]
        link = outcome.media if outcome.captions else None
        direct = direct_address(link, self.server.config.services.allow_private)
        fetchable = link and is_http_url(link.url) and self.server.remote
        return [url for url in (direct, ours if fetchable else None) if url]

    def _job(self, name: str) -> None:
        job = self.server.intake.jobs.of(name)
        body = json.dumps(job.record if job else None)
        self._send(body.encode(), "application/json")

    def _sound(self, name: str) -> None:
        """Send the waveform and the issues; the page asks for them once it is shown.

        They come separately because decoding a long recording takes time.
        """
        _, outcome = self._read(name)
        sound = self.server.waveform_of(recording(self.server.config.folder, name, outcome))
        body = json.dumps(sound_parts(outcome, sound), ensure_ascii=False)
        self._send(body.encode("utf-8", "replace"), "application/json")

    def _export(self, kind: str, name: str) -> None:
        if kind not in FORMATS:
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such format")
        made, content_type = exports.export(*self._read(name), name, kind)
        self._send(made, content_type, download=True)

    # ------------------------------------------------------------ the recording

    def _media(self, name: str) -> None:
        _, outcome = self._read(name)
        path = recording(self.server.config.folder, name, outcome)
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
        remote, link = self.server.remote, outcome.media
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
        if self.headers.get("Origin") != self.server.origin:
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
        self._read(name)
        self.server.intake.take_file(name, kind, self._length(), self.rfile.read)
        self._send(b"{}", "application/json")

    def _begin(self, what: str, name: str) -> None:
        """Start or cancel a job for a result."""
        posted, intake = self._body(), self.server.intake
        self._read(name)
        if what == "caption":
            intake.take_address(name, posted)
        elif what == "fetch":
            intake.fetch(name)
        elif job := intake.jobs.of(name):
            job.cancel.cancel()
        self._send(b"{}", "application/json")

    def _save(self, name: str) -> None:
        posted = self._body()
        self._read(name)
        try:
            with self.server.save_lock:
                version = edits.save(self.server.config.folder, name, posted)
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
