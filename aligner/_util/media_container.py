"""Opens media files with PyAV, which is imported at the first use.

No other module opens them, so that differences between PyAV's versions are handled here alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aligner._util.machine_faults import machine_fault
from aligner._util.mp3 import Reader, declares_length
from aligner.errors import MachineFault, MediaUnavailable

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

CONTAINERS = (
    "mov,matroska,webm,mp3,aac,loas,ogg,flac,wav,w64,aiff,caf,au,mpegts,mpeg,avi,asf,flv,live_flv,"
    "ac3,eac3,dts,amr,amrnb,amrwb,ape,wv,tta,rm,mxf,xwma"
)
"""The formats that are opened. Playlists and lists of files are left out: they would make libav
read other files and addresses."""
GUESSED_DURATION = ("mpegts", "mpeg", "aac", "loas", "ac3", "eac3", "dts", "amrnb", "amrwb")
"""Formats that do not declare a duration; libav guesses it from bit rate or last timestamp."""
MAX_DURATION_S = 24 * 3600
"""A longer recording is refused: a file of a few bytes can declare years of silence."""
TOLERANT_VERSION = 19
"""From this major version on PyAV reads tags in unknown encodings; older versions fail on them
unless they are told to replace invalid bytes."""


@contextmanager
def open_container(file: Any, name: str, **options: str) -> Iterator[InputContainer]:
    """Open a URL of libav or an open file as a container, and close it after the block.

    ``options`` are libav's own; errors name ``name``. Raises MediaUnavailable (state "not_media"),
    also for libav's errors in the block, and what reading the file raises.
    """
    import av

    arguments: dict[str, Any] = {"options": {"format_whitelist": CONTAINERS} | options}
    if int(av.__version__.partition(".")[0]) < TOLERANT_VERSION:
        arguments["metadata_errors"] = "replace"
    try:
        with av.open(file, mode="r", **arguments) as container:
            yield container
    except av.ArgumentError as error:  # a format outside the list
        raise MediaUnavailable(name, "not_media", "not a video or audio file") from error
    except av.FFmpegError as error:
        if fault := machine_fault(error):
            raise MachineFault(name, fault) from error
        why = f"not a video or audio file that can be read: {error.strerror or error}"
        raise MediaUnavailable(name, "not_media", why) from error


def declares_duration(container: str, file: Reader) -> bool:
    """Returns whether a file, of the format with libav's name ``container``, says how long it is.

    If it does not, libav estimates it. Raises what reading the file raises.
    """
    return declares_length(file) if container == "mp3" else container not in GUESSED_DURATION


def is_picture(stream: Any) -> bool:
    """Returns whether a video track is only a cover picture."""
    import av.stream

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def played_track(container: InputContainer) -> AudioStream | None:
    """Returns the audio track that players play: the default or first one; None without any."""
    import av.stream

    tracks = [t for t in container.streams.audio if t.codec_context is not None]
    preferred = [t for t in tracks if t.disposition & av.stream.Disposition.default]
    return next(iter(preferred or tracks), None)
