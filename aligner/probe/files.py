"""A media file's address -> what is in the file, without fetching it whole."""

from __future__ import annotations

from dataclasses import replace

from aligner.errors import MediaUnavailable
from aligner.nouns import Piece, Tried
from aligner.probe.base import Ask, Known, kind_state, verdict
from aligner.probe.container import PROTECTED, called, look
from aligner.probe.ranged import RangedFile

OTHER_FILES = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "an image",
    b"GIF8": "an image",
    b"\xff\xd8\xff": "an image",
    b"PK\x03\x04": "a ZIP archive",
    b"{": "JSON data",
    b"[": "JSON data",
    b"<?xml": "XML data",
    b"<svg": "an image",
    b"WEBVTT": "a caption file",
}
UNSEEN = "the server gives no parts, so what is in it was not seen"


def attempt(known: Known, ask: Ask) -> Tried:
    """The beginning of a file -> its state. Raises MediaUnavailable, PageUnavailable."""
    first = known.first
    for mark, what in OTHER_FILES.items():
        if first.data.startswith(mark):
            return Tried("not_media", f"{what} stands at the media's address")
    if first.broadcast and first.total is None:
        return Tried("live", "a live broadcast, which has no recording to caption")
    file = RangedFile(first, ask)
    try:
        probed = look(file, known.link.url)
    except MediaUnavailable as error:
        if _has_late_index(first):
            what = f"an MP4 file whose index stands at its end; {UNSEEN}"
            return Tried(kind_state(known.link.kind), what)
        return Tried("not_media", error.why)
    if any(map(PROTECTED.search, file.seen)):
        return Tried("drm", "the file is protected (DRM)", probed)
    bitrate = probed.bitrate
    if first.total and probed.duration_ms:
        bitrate = round(first.total * 8000 / probed.duration_ms)
    probed = replace(probed, bytes=first.total, bitrate=bitrate)
    return verdict(probed, called(probed.container))


def _has_late_index(first: Piece) -> bool:
    """Whether an MP4 file's index lies beyond what a server without ranges gave of it."""
    is_mp4 = first.data[4:8] == b"ftyp"
    return is_mp4 and not first.in_parts and b"moov" not in first.data
