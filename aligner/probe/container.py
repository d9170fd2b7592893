"""The bytes of a recording that are here -> what is in it. Uses PyAV, imported lazily."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any

from aligner.errors import MediaUnavailable
from aligner.nouns import Probed

if TYPE_CHECKING:
    from av.container import InputContainer

    from aligner.probe.ranged import RangedFile

FORMATS = (
    "mov,matroska,webm,mp3,aac,loas,ogg,flac,wav,w64,aiff,caf,au,mpegts,mpeg,avi,asf,flv,live_flv,"
    "ac3,eac3,dts,amr,amrnb,amrwb,ape,wv,tta,rm,mxf,xwma"
)
"""What is looked into. Playlists are not: libav would ask whatever they name."""
PROBE_BYTES = 500_000
"""How far libav looks for streams that the header does not name."""
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


def look(file: RangedFile | IO[bytes], url: str) -> Probed:
    """A file, of which parts may be missing -> what is in it.

    Raises MediaUnavailable (state "not_media"), and what reading the file raises.
    """
    import av

    options = {"format_whitelist": FORMATS, "probesize": str(PROBE_BYTES)}
    try:
        with av.open(file, mode="r", options=options, metadata_errors="replace") as container:
            return _describe(container)
    except av.ArgumentError as error:  # what a format outside the list gives
        raise MediaUnavailable(url, "not_media", "not a video or audio file") from error
    except av.FFmpegError as error:
        why = f"not a video or audio file that can be read: {error.strerror or error}"
        raise MediaUnavailable(url, "not_media", why) from error


def _describe(container: InputContainer) -> Probed:
    films = [track for track in container.streams.video if not _is_picture(track)]
    return Probed(
        duration_ms=None if container.duration is None else round(container.duration / 1000),
        bitrate=container.bit_rate or None,
        has_audio=bool(container.streams.audio),
        has_video=bool(films),
        container=container.format.name,
    )


def _is_picture(stream: Any) -> bool:
    """Whether a video track is only a cover picture."""
    import av.stream

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def called(container: str | None) -> str:
    """libav's name of a format -> what people call such a file."""
    first = (container or "").partition(",")[0]
    return NAMES.get(first) or f"a file of format {first}"
