"""Reads the properties of a recording from parts of its file."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from aligner._util.media_container import is_picture, open_container
from aligner.types import MediaInfo

if TYPE_CHECKING:
    from av.container import InputContainer

    from aligner.discovery.probe.range_reader import RangedFile

PROBE_BYTES = 500_000
"""Bytes in which libav searches for streams that the header does not name."""
PROTECTED = re.compile(rb"schm.{4}(?:cenc|cens|cbc1|cbcs|piff)", re.DOTALL)
"""The scheme of protected samples in an MP4 file (ISO 23001-7, section 4)."""
NAMES = {
    "mov": "an MP4 file",
    "matroska": "a WebM file",
    "mp3": "an MP3 file",
    "ogg": "an Ogg file",
    "aac": "an AAC file",
    "flac": "a FLAC file",
    "wav": "a WAV file",
    "mpegts": "an MPEG transport stream",
}


def look(file: RangedFile | IO[bytes], url: str) -> MediaInfo:
    """Read the properties of a file, of which parts may be missing.

    Raises MediaUnavailable (state "not_media"), and what reading the file raises.
    """
    with open_container(file, url, probesize=str(PROBE_BYTES)) as container:
        return _describe(container)


def _describe(container: InputContainer) -> MediaInfo:
    films = [track for track in container.streams.video if not is_picture(track)]
    return MediaInfo(
        duration_ms=None if container.duration is None else round(container.duration / 1000),
        bitrate=container.bit_rate or None,
        has_audio=bool(container.streams.audio),
        has_video=bool(films),
        container=container.format.name,
    )


def called(container: str | None) -> str:
    """Returns the common name of a file by libav's name of its format."""
    first = (container or "").partition(",")[0]
    return NAMES.get(first) or f"a file of format {first}"
