"""Opens media files with PyAV, which is imported when the first is opened.

The one file that opens them, so that what differs between PyAV's versions is known here alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aligner.errors import MediaUnavailable

if TYPE_CHECKING:
    from av.container import InputContainer

CONTAINERS = (
    "mov,matroska,webm,mp3,aac,loas,ogg,flac,wav,w64,aiff,caf,au,mpegts,mpeg,avi,asf,flv,live_flv,"
    "ac3,eac3,dts,amr,amrnb,amrwb,ape,wv,tta,rm,mxf,xwma"
)
"""The formats that are opened. Playlists and lists of files are not: they would have other files
read, and other addresses asked."""
TOLERANT = 19
"""Since this version PyAV reads tags in unknown encodings by itself; before it fails on them unless
it is told to replace what it cannot read."""


@contextmanager
def opened(file: Any, name: str, **options: str) -> Iterator[InputContainer]:
    """An address of libav, or a file that is open -> the container, closed after the block.

    ``options`` are libav's own; errors name ``name``. Raises MediaUnavailable (state "not_media"),
    also for a container that shows itself to be damaged within the block, and what reading the file
    raises.
    """
    import av

    how: dict[str, Any] = {"options": {"format_whitelist": CONTAINERS} | options}
    if int(av.__version__.partition(".")[0]) < TOLERANT:
        how["metadata_errors"] = "replace"
    try:
        with av.open(file, mode="r", **how) as container:
            yield container
    except av.ArgumentError as error:  # what a format outside the list gives
        raise MediaUnavailable(name, "not_media", "not a video or audio file") from error
    except av.FFmpegError as error:
        why = f"not a video or audio file that can be read: {error.strerror or error}"
        raise MediaUnavailable(name, "not_media", why) from error


def is_picture(stream: Any) -> bool:
    """Whether a video track is only a cover picture."""
    import av.stream

    return bool(stream.disposition & av.stream.Disposition.attached_pic)
