"""A result -> where its recording is played from: the folder, its own address, or the server.

What is not in the folder is played by the browser from its own address. Where that fails (a page of
another site may not show it, or the browser refuses), the server fetches what is asked for, part by
part, from addresses that are judged as all others are.
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

AskPiece = Callable[[str, int, int], PartialContent]
"""An address, the first byte and how many -> what a guarded client got of them."""

PART_BYTES = 2 << 20
"""Of one answer: a player asks on where it ends."""
MOST_BYTES = 4_000_000_000
"""That are fetched of one recording, as often as it is played; a download takes no more either."""
PLAYABLE = re.compile(r"(?:audio|video)/[a-z0-9][a-z0-9.+-]*")
PORTS = {"http": 80, "https": 443}
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:]+\]")


class NotPlayable(Exception):
    """The server cannot fetch it; the text says why."""


def address(link: MediaLink | None, allow_private: bool) -> str | None:
    """The address that a browser may play a recording from by itself; None if there is none.

    A browser judges no addresses: one of a private network is not given to it without leave.
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
    """The origin of an address as a page's policy names it; None for one that it cannot name."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    if not HOST.fullmatch(shown):
        return None
    return f"{parts.scheme}://{shown}" + (f":{parts.port}" if parts.port else "")


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a recording."""

    data: bytes
    start: int
    total: int | None
    """Bytes of the whole, where that is known."""
    content_type: str
    whole: bool
    """Whether that is all, and was not asked for in parts."""


class Fetching:
    """Recordings that are fetched part by part, within their budgets."""

    def __init__(self, ask: AskPiece, most_bytes: int = MOST_BYTES) -> None:
        self._ask, self._most = ask, most_bytes
        self._spent: Counter[str] = Counter()
        self._lock = Lock()

    def part(self, url: str, asked: str | None) -> Part:
        """The part of a recording that a Range header asks for, as far as it goes at once.

        Raises NotPlayable.
        """
        first, length = self._wanted(url, asked)
        piece = self._piece(url, first, length)
        kind = _content_type(piece)
        if piece.in_parts and piece.start == first and piece.data:
            return Part(piece.data, first, piece.total, kind, whole=False)
        if first == 0 and piece.total is not None and len(piece.data) == piece.total:
            return Part(piece.data, 0, piece.total, kind, whole=True)
        raise NotPlayable("its server does not give it in parts")

    def _wanted(self, url: str, asked: str | None) -> tuple[int, int]:
        """A Range header -> the first byte, and how many to ask for."""
        found = RANGE.fullmatch(asked or "")
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
        """Raises NotPlayable for a refusal, and when the budget is spent."""
        with self._lock:
            if self._spent[url] + length > self._most:
                raise NotPlayable(f"more than {self._most / 1e9:.0f} GB of it were fetched")
            self._spent[url] += length
        try:
            piece = self._ask(url, first, length)
        except AlignerError as error:
            raise NotPlayable(str(getattr(error, "why", error))) from error
        if piece.status >= 400:
            raise NotPlayable(f"its server answers with status {piece.status}")
        return piece


def _content_type(piece: PartialContent) -> str:
    """The type to serve it as: sound or video, whatever else its server says, and never a page."""
    if PLAYABLE.fullmatch(piece.content_type):
        return piece.content_type
    known = MEDIA_SUFFIXES.get(suffix_of(piece.url))
    if known is None or piece.content_type.startswith("text/"):
        raise NotPlayable("what is at its address is no recording")
    return known


def byte_range(asked: str | None, size: int) -> tuple[int, int, bool]:
    """A Range header -> from where, up to where, and whether that is all of it."""
    found = RANGE.fullmatch(asked or "")
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
