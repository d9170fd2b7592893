"""MediaLink -> the captions that are there already, if their address gives them."""

from __future__ import annotations

from aligner.discovery.probe.base import Ask
from aligner.errors import PageUnavailable
from aligner.languages.tags import primary
from aligner.types import MediaLink, Track

CAPTIONS = ("captions", "subtitles")
"""Kinds of tracks that show what is said; a feed's transcript has no times."""
BEGINNING = 4096
MOST_TRIES = 4


def captions_of(link: MediaLink, language: str | None, ask: Ask) -> Track | None:
    """The first track in the article's language (or in one that is not declared) that can be had.

    Never raises for what it meets.
    """
    fitting = [t for t in link.tracks if t.kind in CAPTIONS and _fits(t.language, language)]
    return next((track for track in fitting[:MOST_TRIES] if _is_there(track, ask)), None)


def _fits(theirs: str | None, ours: str | None) -> bool:
    if not theirs or not ours:
        return True
    return primary(theirs) == primary(ours)


def _is_there(track: Track, ask: Ask) -> bool:
    """Whether captions stand at a track's address: WebVTT, TTML or SubRip."""
    try:
        piece = ask(track.url, 0, BEGINNING)
    except PageUnavailable:
        return False
    text = piece.data.lstrip(b"\xef\xbb\xbf \t\r\n")
    is_captions = text.startswith(b"WEBVTT") or b"-->" in text or b"<tt" in text
    return piece.status < 400 and is_captions and b"<html" not in text[:200].lower()
