"""Playback of a recording on its review page.

A recording in the folder is sent by the server. Any other is played by the browser from the
recording's own address. Where that fails, because its site forbids other sites' pages or the
browser refuses, the server fetches the parts that the player asks for, through the guarded client.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from urllib.parse import urlsplit

from aligner.errors import AlignerError
from aligner.net.guard import is_http_url, resolve_public, suffix_of
from aligner.review.refused import Refused
from aligner.review.results import MEDIA_SUFFIXES
from aligner.types import MediaLink, PartialContent

FetchPart = Callable[[str, int, int], PartialContent]
"""Fetches a part of a recording: from an address, the first byte and the number of bytes."""

PART_BYTES = 2 << 20
"""The most bytes of one answer; a player then asks for the next part."""
MAX_FETCHED_BYTES = 4_000_000_000
"""The most bytes fetched of one recording over all playbacks; a download has the same limit."""
PLAYABLE = re.compile(r"(?:audio|video)/[a-z0-9][a-z0-9.+-]*")
PORTS = {"http": 80, "https": 443}
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:]+\]")


class NotPlayable(Exception):
    """The server cannot fetch a recording; the text says why."""


def direct_address(link: MediaLink | None, allow_private: bool) -> str | None:
    """Returns the address from which a browser may play a recording itself; None if it may not.

    A browser does not refuse private network addresses, so they are refused here unless
    ``allow_private`` is set.
    """
    if link is None or not is_http_url(link.url) or suffix_of(link.url) not in MEDIA_SUFFIXES:
        return None
    parts = urlsplit(link.url)
    try:
        resolve_public(parts.hostname or "", parts.port or PORTS[parts.scheme], allow_private)
    except (OSError, UnicodeError):
        return None
    return link.url if origin(link.url) else None


def origin(url: str) -> str | None:
    """Returns an address's origin for a Content-Security-Policy; None if it has no valid one."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    if not HOST.fullmatch(shown):
        return None
    return f"{parts.scheme}://{shown}" + (f":{parts.port}" if parts.port else "")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Some bytes of a recording."""

    data: bytes
    start: int
    total: int | None
    """Size of the whole recording in bytes, if known."""
    content_type: str
    whole: bool
    """Whether this is the whole recording, sent by a server that has no byte ranges."""


class RemoteRecordings:
    """Fetches parts of recordings from their own addresses, up to a limit for each recording."""

    def __init__(self, fetch: FetchPart, max_bytes: int = MAX_FETCHED_BYTES) -> None:
        self._fetch, self._max_bytes = fetch, max_bytes
        self._fetched: Counter[str] = Counter()
        """Bytes asked for so far, by address."""
        self._lock = Lock()

    def part(self, url: str, range_header: str | None) -> ByteRange:
        """Returns the beginning of what a Range header asks for, at most PART_BYTES of it.

        Raises NotPlayable.
        """
        first, length = self._requested(url, range_header)
        piece = self._piece(url, first, length)
        kind = _content_type(piece)
        if piece.in_parts and piece.start == first and piece.data:
            return ByteRange(piece.data, first, piece.total, kind, whole=False)
        if first == 0 and piece.total is not None and len(piece.data) == piece.total:
            return ByteRange(piece.data, 0, piece.total, kind, whole=True)
        raise NotPlayable("its server does not give it in parts")

    def _requested(self, url: str, range_header: str | None) -> tuple[int, int]:
        """Returns the first byte that a Range header names, and how many bytes to fetch."""
        found = RANGE.fullmatch(range_header or "")
        if not found or not (found[1] or found[2]):
            return 0, PART_BYTES
        if not found[1]:
            total = self._piece(url, 0, 1).total
            if total is None:
                raise NotPlayable("its server does not say how long it is")
            return max(0, total - int(found[2])), min(int(found[2]), PART_BYTES)
        first = int(found[1])
        last = int(found[2]) if found[2] else first + PART_BYTES
        return first, max(1, min(last + 1 - first, PART_BYTES))

    def _piece(self, url: str, first: int, length: int) -> PartialContent:
        """Fetch a part. Raises NotPlayable for an error, and at the recording's limit."""
        with self._lock:
            if self._fetched[url] + length > self._max_bytes:
                raise NotPlayable(f"more than {self._max_bytes / 1e9:.0f} GB of it were fetched")
            self._fetched[url] += length
        try:
            piece = self._fetch(url, first, length)
        except AlignerError as error:
            raise NotPlayable(str(getattr(error, "why", error))) from error
        if piece.status >= 400:
            raise NotPlayable(f"its server answers with status {piece.status}")
        return piece


def _content_type(piece: PartialContent) -> str:
    """Returns the content type to pass on: audio or video. Raises NotPlayable for other types.

    If the server sends another type, the address's suffix decides; text is never passed on.
    """
    if PLAYABLE.fullmatch(piece.content_type):
        return piece.content_type
    known = MEDIA_SUFFIXES.get(suffix_of(piece.url))
    if known is None or piece.content_type.startswith("text/"):
        raise NotPlayable("its address leads to something that is not a recording")
    return known


def byte_range(range_header: str | None, size: int) -> tuple[int, int, bool]:
    """Returns the start and end of what a Range header asks of a file, and whether it is all.

    A missing or unreadable header stands for the whole file. Raises Refused for an empty range.
    """
    found = RANGE.fullmatch(range_header or "")
    if not found or not (found[1] or found[2]):
        return 0, size, True
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start = int(found[1])
        end = min(int(found[2]) + 1, size) if found[2] else size
    if start >= end:
        raise Refused(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"the file has {size} bytes")
    return start, end, False
