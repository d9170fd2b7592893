"""Finds captions that a recording already has."""

from __future__ import annotations

from aligner.discovery.probe.base import Ask
from aligner.errors import PageUnavailable
from aligner.languages.names import same
from aligner.languages.tags import declared_tag
from aligner.types import MediaLink, Track

CAPTIONS = ("captions", "subtitles")
"""Kinds of tracks with timed text; a feed's transcript has no times."""
BEGINNING = 4096
MAX_ATTEMPTS = 4


def captions_of(link: MediaLink, language: str | None, ask: Ask) -> Track | None:
    """Returns the first available track in the article's or an undeclared language."""
    fitting = [t for t in link.tracks if t.kind in CAPTIONS and _fits(t.language, language)]
    return next((track for track in fitting[:MAX_ATTEMPTS] if _is_there(track, ask)), None)


def _fits(theirs: str | None, ours: str | None) -> bool:
    """Whether two declarations name one language, or one of them names none."""
    track, article = (declared_tag(text) if text else None for text in (theirs, ours))
    return track is None or article is None or same(track, article)


def _is_there(track: Track, ask: Ask) -> bool:
    """Returns whether a track's address has captions: WebVTT, TTML or SubRip."""
    try:
        piece = ask(track.url, 0, BEGINNING)
    except PageUnavailable:
        return False
    text = piece.data.lstrip(b"\xef\xbb\xbf \t\r\n")
    is_captions = text.startswith(b"WEBVTT") or b"-->" in text or b"<tt" in text
    return piece.status < 400 and is_captions and b"<html" not in text[:200].lower()
