"""What probes of files and manifests share: a budget of requests, and results."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aligner.discovery.manifest import MANIFEST_BYTES
from aligner.errors import MediaUnavailable
from aligner.net.budget import BudgetExceeded
from aligner.types import MediaInfo, MediaKind, MediaLink, MediaState, PartialContent, ProbeResult

Ask = Callable[[str, int, int], PartialContent]
"""Fetches bytes: takes URL, first byte and length. Raises PageUnavailable."""

HEAD = 1 << 18
"""Bytes of the first request; an index at the beginning of a file is mostly within them."""


class RequestBudget:
    """An ``Ask`` with limits of requests, bytes and time."""

    def __init__(self, ask: Ask, requests: int, size: int, seconds: float) -> None:
        self._ask = ask
        self._requests, self._bytes = requests, size
        self._end = time.monotonic() + seconds

    def __call__(self, url: str, start: int, length: int) -> PartialContent:
        """Fetch bytes. Raises BudgetExceeded, PageUnavailable."""
        length = min(length, self._bytes)
        if not self._requests or length <= 0 or time.monotonic() > self._end:
            raise BudgetExceeded("trying it took too long or too many requests")
        self._requests -= 1
        piece = self._ask(url, start, length)
        self._bytes -= len(piece.data)
        return piece


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """An address and its first bytes."""

    link: MediaLink
    first: PartialContent
    allow_private: bool


def kind_state(kind: MediaKind) -> MediaState:
    return "playable" if kind == "video" else "audio_only"


def verdict(probed: MediaInfo, what: str) -> ProbeResult:
    """Returns the result for a recording's properties; ``what`` names its format."""
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
    """Returns the whole manifest at an address. Raises MediaUnavailable, BudgetExceeded."""
    piece = known.first
    if len(piece.data) >= HEAD and piece.total != len(piece.data):
        piece = ask(known.link.url, 0, MANIFEST_BYTES)
    if len(piece.data) >= MANIFEST_BYTES:
        raise MediaUnavailable(known.link.url, "not_media", "a manifest that is far too long")
    return piece.data.decode("utf-8-sig", "replace")
