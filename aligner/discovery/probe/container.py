"""Reads the properties of a recording from parts of its file."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from aligner._util.inspector import inspect
from aligner.types import MediaInfo

if TYPE_CHECKING:
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
    facts = inspect(file, url, probesize=str(PROBE_BYTES))
    return MediaInfo(
        duration_ms=facts.duration_ms,
        bitrate=facts.bit_rate,
        has_audio=bool(facts.audio),
        has_video=bool(facts.films),
        container=facts.format,
    )


def called(container: str | None) -> str:
    """Returns the common name of a file by libav's name of its format."""
    first = (container or "").partition(",")[0]
    return NAMES.get(first) or f"a file of format {first}"
