"""What trying files and manifests share: asking within limits, and judging addresses."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aligner.errors import MediaUnavailable
from aligner.net.guard import is_http_url, is_public
from aligner.types import MediaInfo, MediaKind, MediaLink, MediaState, PartialContent, ProbeResult

Ask = Callable[[str, int, int], PartialContent]
"""Address, first byte and how many -> what was had of them. Raises PageUnavailable."""

HEAD = 1 << 18
"""How much is asked for at first; an index that stands first mostly lies within it."""
MANIFEST_BYTES = 4_000_000
"""No manifest is read beyond this: twelve hours in pieces of two seconds are 2 MB."""

AUDIO_CODECS = ("mp4a", "ac-3", "ec-3", "ac-4", "opus", "flac", "vorbis", "alac", "mp3", "dts")
"""How the names of sound codecs begin in RFC 6381's notation."""


class BudgetExceeded(Exception):
    """The limit of one attempt is reached."""


class RequestBudget:
    """An ``Ask`` that stops giving."""

    def __init__(self, ask: Ask, requests: int, size: int, seconds: float) -> None:
        self._ask = ask
        self._requests, self._bytes = requests, size
        self._end = time.monotonic() + seconds

    def __call__(self, url: str, start: int, length: int) -> PartialContent:
        """Raises Spent, PageUnavailable."""
        length = min(length, self._bytes)
        if not self._requests or length <= 0 or time.monotonic() > self._end:
            raise BudgetExceeded
        self._requests -= 1
        piece = self._ask(url, start, length)
        self._bytes -= len(piece.data)
        return piece


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """What is known of an address once its beginning is here."""

    link: MediaLink
    first: PartialContent
    allow_private: bool


def kind_state(kind: MediaKind) -> MediaState:
    return "playable" if kind == "video" else "audio_only"


def verdict(probed: MediaInfo, what: str) -> ProbeResult:
    """What is in a recording -> its state, with a clause that begins with what it is."""
    if not probed.has_audio and not probed.has_video:
        return ProbeResult("not_media", f"{what} without sound and pictures", probed)
    if not probed.has_audio:
        return ProbeResult("no_audio", f"{what} whose pictures have no sound", probed)
    inside = "sound and pictures" if probed.has_video else "sound"
    length = "" if probed.duration_ms is None else f", {probed.duration_ms / 1000:.0f} s"
    return ProbeResult(
        kind_state("video" if probed.has_video else "audio"),
        f"{what} with {inside}{length}",
        probed,
    )


def whole_text(known: ProbeTarget, ask: Ask) -> str:
    """The manifest at an address. Raises MediaUnavailable, Spent."""
    piece = known.first
    if len(piece.data) >= HEAD and piece.total != len(piece.data):
        piece = ask(known.link.url, 0, MANIFEST_BYTES)
    if len(piece.data) >= MANIFEST_BYTES:
        raise MediaUnavailable(known.link.url, "not_media", "a manifest that is far too long")
    return piece.data.decode("utf-8-sig", "replace")


def expect_allowed(manifest: str, address: str, allow_private: bool) -> None:
    """Judge what a manifest names. Raises MediaUnavailable (state "refused").

    Names are judged again when they are connected to; an address in figures is judged here.
    """
    if not is_http_url(address):
        why = f"its manifest names {address[:100]}, which is not an http(s) address"
        raise MediaUnavailable(manifest, "refused", why)
    host = urlsplit(address).hostname or ""
    if not allow_private and _is_private(host):
        why = f"its manifest names {host}, which is not a public address"
        raise MediaUnavailable(manifest, "refused", why)


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return not is_public(host)
