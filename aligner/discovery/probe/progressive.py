"""Probes a media file: reads its properties from parts of it."""

from __future__ import annotations

import re
from dataclasses import replace

from aligner._util.media_container import declares_duration
from aligner._util.mp3 import id3_size, skip_tags
from aligner.discovery.probe.base import HEAD, Ask, ProbeTarget, kind_state, verdict
from aligner.discovery.probe.container import PROTECTED, called, look
from aligner.discovery.probe.range_reader import RangedFile
from aligner.errors import MediaUnavailable
from aligner.types import MediaKind, PartialContent, ProbeResult

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
UNSEEN = "the server supports no ranges, so its contents were not seen"
FORMATS: dict[bytes, tuple[str, MediaKind | None]] = {
    b"ID3": ("mp3", "audio"),
    b"fLaC": ("flac", "audio"),
    b"RIFF....WAVE": ("wav", "audio"),
    b"FORM....AIF[FC]": ("aiff", "audio"),
    b"OggS": ("ogg", None),
    b"....ftyp": ("mov", None),
    rb"\x1a\x45\xdf\xa3": ("matroska", None),
    rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11": ("asf", None),
}
"""Patterns of first bytes: libav's name of the format, and what such files hold (None: both)."""
ENOUGH = 1 << 16
"""Bytes after ID3 tags in which libav finds the sound if there is any."""
LONG_HEADER = 4_000_000
"""Bytes that are fetched of a file with a long header, from a server without ranges."""


def attempt(known: ProbeTarget, ask: Ask) -> ProbeResult:
    """Returns the state of a file by its beginning. Raises MediaUnavailable, PageUnavailable."""
    first = known.first
    for mark, what in OTHER_FILES.items():
        if first.data.startswith(mark):
            return ProbeResult("not_media", f"{what} stands at the media's address")
    if first.broadcast and first.total is None:
        return ProbeResult("live", "a live broadcast, which has no recording to caption")
    file = RangedFile(first, ask)
    tags = skip_tags(file)  # a cover in them may be larger than what libav reads
    file.leave_out(tags)
    is_after_tags = tags > 0 and len(file.read(ENOUGH)) == ENOUGH
    file.seek(0)
    try:
        probed = look(file, known.link.url)
    except MediaUnavailable as error:
        if is_after_tags or not file.ended_early:
            return ProbeResult("not_media", error.why)
        if longer := _longer_beginning(first, ask):
            return attempt(replace(known, first=longer), ask)
        return _unseen(known) or ProbeResult("not_media", error.why)
    if any(map(PROTECTED.search, file.seen)):
        return ProbeResult("drm", "the file is protected (DRM)", probed)
    bitrate = probed.bitrate
    if first.total and probed.duration_ms:
        bitrate = round((first.total - tags) * 8000 / probed.duration_ms)
    declares = first.total is not None and declares_duration(probed.container or "", file)
    probed = replace(probed, bytes=first.total, bitrate=bitrate, declares_duration=declares)
    return verdict(probed, called(probed.container))


def _longer_beginning(first: PartialContent, ask: Ask) -> PartialContent | None:
    """Returns a longer beginning of a file with a long header, from a server without ranges.

    None if that would not help.
    """
    if first.in_parts or len(first.data) > HEAD or not _format(first) or _has_late_index(first):
        return None
    tag = id3_size(first.data)
    return ask(first.url, 0, tag + 4 * HEAD if tag else LONG_HEADER)


def _unseen(known: ProbeTarget) -> ProbeResult | None:
    """Returns the result for a file of a known format of which not enough could be fetched."""
    name, kind = _format(known.first) or (None, None)
    if name is None:
        return None
    if _has_late_index(known.first):
        what = f"an MP4 file whose index stands at its end; {UNSEEN}"
    else:
        what = f"{called(name)} with a header so long that its contents were not seen"
    return ProbeResult(kind_state(kind or known.link.kind), what)


def _format(first: PartialContent) -> tuple[str, MediaKind | None] | None:
    return next((f for mark, f in FORMATS.items() if re.match(mark, first.data, re.DOTALL)), None)


def _has_late_index(first: PartialContent) -> bool:
    """Returns whether an MP4 file's index is beyond what a server without ranges sent."""
    is_mp4 = first.data[4:8] == b"ftyp"
    return is_mp4 and not first.in_parts and b"moov" not in first.data
