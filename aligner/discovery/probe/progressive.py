"""A media file's address -> what is in the file, without fetching it whole."""

from __future__ import annotations

from dataclasses import replace

from aligner.discovery.probe.base import Ask, ProbeTarget, kind_state, verdict
from aligner.discovery.probe.container import PROTECTED, called, look
from aligner.discovery.probe.range_reader import RangedFile
from aligner.errors import MediaUnavailable
from aligner.types import PartialContent, ProbeResult

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


def attempt(known: ProbeTarget, ask: Ask) -> ProbeResult:
    """The beginning of a file -> its state. Raises MediaUnavailable, PageUnavailable."""
    first = known.first
    for mark, what in OTHER_FILES.items():
        if first.data.startswith(mark):
            return ProbeResult("not_media", f"{what} stands at the media's address")
    if first.broadcast and first.total is None:
        return ProbeResult("live", "a live broadcast, which has no recording to caption")
    file = RangedFile(first, ask)
    try:
        probed = look(file, known.link.url)
    except MediaUnavailable as error:
        if _has_late_index(first):
            what = f"an MP4 file whose index stands at its end; {UNSEEN}"
            return ProbeResult(kind_state(known.link.kind), what)
        return ProbeResult("not_media", error.why)
    if any(map(PROTECTED.search, file.seen)):
        return ProbeResult("drm", "the file is protected (DRM)", probed)
    bitrate = probed.bitrate
    if first.total and probed.duration_ms:
        bitrate = round(first.total * 8000 / probed.duration_ms)
    probed = replace(probed, bytes=first.total, bitrate=bitrate)
    return verdict(probed, called(probed.container))


def _has_late_index(first: PartialContent) -> bool:
    """Whether an MP4 file's index lies beyond what a server without ranges gave of it."""
    is_mp4 = first.data[4:8] == b"ftyp"
    return is_mp4 and not first.in_parts and b"moov" not in first.data
