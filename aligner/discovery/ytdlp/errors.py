"""Translates the errors of yt-dlp to MediaUnavailable."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aligner._util.machine_faults import causes
from aligner.errors import MediaUnavailable
from aligner.net.http_status import meaning
from aligner.types import MediaState

STATES_BY_WORDING: tuple[tuple[str, MediaState], ...] = (
    (r"\bDRM\b", "drm"),
    (
        r"geo.?(restrict|block)|not available (in|from) your (country|location|region)",
        "geo_blocked",
    ),
    (r"live event|livestream|not currently live|premieres in|is offline", "live"),
    (r"registered users|log ?in|sign in|--cookies|members.only|subscri|premium", "login"),
    (r"has expired|expired on|no longer valid", "expired"),
    (r"removed|deleted|no longer (available|exists?)|not found|does not exist|unavailable", "gone"),
    (
        r"unsupported url:|no video formats|no media|is not a valid url|did not get any data",
        "not_media",
    ),
    (r"requested format is not available", "no_audio"),
)
REASONS_BY_WORDING: tuple[tuple[str, str], ...] = (
    (r"unsupported url:", "it is a web page, not a recording"),
    (r"did not get any data", "the file is empty"),
    (r"requested format is not available", "none of its renditions has sound"),
    (
        r"expected \d+ bytes|\d+ more expected",
        "the file breaks off before its end",
    ),
)


def as_unavailable(url: str, error: Exception, said: Sequence[str] = ()) -> MediaUnavailable:
    """Returns the error for an exception of yt-dlp; ``said`` are the errors that it logged."""
    all_causes = list(causes(error))
    for cause in all_causes:
        if isinstance(status := getattr(cause, "status", None), int) and status >= 400:
            return MediaUnavailable(url, *meaning(status)[:2], http_status=status)
    text = _sentence(said[-1] if said else str(error))
    state = _state(text)
    if any(type(cause).__name__ == "GeoRestrictedError" for cause in all_causes):
        state = "geo_blocked"
    for pattern, reason in REASONS_BY_WORDING:
        if re.search(pattern, text, re.IGNORECASE):
            return MediaUnavailable(url, state, reason)
    return MediaUnavailable(url, state, f"yt-dlp says: {text}")


def _state(text: str) -> MediaState:
    for pattern, state in STATES_BY_WORDING:
        if re.search(pattern, text, re.IGNORECASE):
            return state
    return "unreachable"


MESSAGE_CHARS = 2_000
"""Characters of a message of yt-dlp that are read; it may quote the page."""


def _sentence(text: str) -> str:
    """Returns yt-dlp's error message without prefixes, advice and inner causes."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"^ERROR:\s*", "", text.strip())
    text = re.sub(r"^\[[^\]]+\]\s*(?:[^\s:]+:\s+)?", "", text)
    text = re.split(r"; please report|\s*\(caused by|\.?\s+Use --|; see ", text[:MESSAGE_CHARS])[0]
    return text.splitlines()[0].strip().rstrip(".") if text.strip() else "no reason given"
