"""A program that reads the headers of media files with PyAV's libraries, one after the other.

``inspector.py`` runs it as a process of its own, because a crafted file can take all memory, or
endless time.

``helper_program.py`` says what messages are. A request (JSON) has: "formats", which may be opened,
and no others; "options", libav's own; "memory_bytes" and "cpu_s", which limit the work; with
"pictures_end" all pictures are read too. "address" is what to open; without it the parent is asked
for the bytes: for OFFSET and SIZE (``PART``) it sends at most SIZE bytes. The answer (JSON) is
{"facts": ...} or {"error": ..., "kind": ...}. Kinds are "format" for a format that may not be
opened, "memory" where the memory did not suffice, and "file" for all other errors.
"""

from __future__ import annotations

import json
import os
import struct
from contextlib import suppress
from itertools import islice
from typing import Any

from aligner._util.helper_program import (
    NotGiven,
    Parent,
    limit_cpu,
    limit_memory,
    resident_bytes,
    serve,
)

PART = ">QI"
"""How the parent is asked for a part of the file: its offset, and its size."""
BLOCK = 1 << 18
"""Bytes that are asked for at a time; what libav does not use yet is kept."""
MAX_STREAMS = 1000
TOLERANT_VERSION = 19
"""From this major version on PyAV reads tags in unknown encodings; older versions fail on them
unless they are told to replace invalid bytes."""
HIGHEST_MEMORY = 2 << 30
LARGE = 300 << 20
"""A process that has taken more is not used again: it may keep the memory."""


def main() -> None:
    serve(_answer_json, _prepare, HIGHEST_MEMORY)


def _prepare() -> None:
    import av  # noqa: F401  what the first request would wait for


def _answer_json(request: bytes, parent: Parent) -> tuple[bytes, bool]:
    answer = _answer(json.loads(request), parent)
    is_usable = answer.get("kind") != "memory" and resident_bytes() <= LARGE
    return json.dumps(answer).encode(), is_usable


def _answer(request: dict[str, Any], parent: Parent) -> dict[str, Any]:
    import av

    limit_memory(request["memory_bytes"], HIGHEST_MEMORY)
    limit_cpu(request["cpu_s"])
    file = request.get("address") or _ParentsFile(request["size"], parent)
    arguments: dict[str, Any] = {
        "options": {"format_whitelist": request["formats"], **request["options"]}
    }
    if int(av.__version__.partition(".")[0]) < TOLERANT_VERSION:
        arguments["metadata_errors"] = "replace"
    try:
        with av.open(file, mode="r", **arguments) as container:
            facts = _facts(container)
            if request["pictures_end"]:
                facts["pictures_end_s"] = _pictures_end_s(container)
            return {"facts": facts}
    except av.ArgumentError:
        return {"error": "not a video or audio file", "kind": "format"}
    except MemoryError as error:  # av.error.MemoryError is one too
        return {"error": str(error), "kind": "memory"}
    except NotGiven:
        return {"error": "it cannot be read", "kind": "file"}
    except av.FFmpegError as error:
        return {"error": error.strerror or str(error), "kind": "file", "errno": error.errno}


def _facts(container: Any) -> dict[str, Any]:
    streams = [_stream(stream) for stream in islice(container.streams, MAX_STREAMS)]
    return {
        "format": container.format.name,
        "duration_us": container.duration,
        "start_us": container.start_time,
        "bit_rate": container.bit_rate or None,
        "tracks": streams,
    }


def _stream(stream: Any) -> dict[str, Any]:
    from av.stream import Disposition

    context = stream.codec_context
    is_audio, is_video = stream.type == "audio", stream.type == "video"
    rate = stream.average_rate if is_video else None
    length = None
    if stream.duration is not None and stream.time_base is not None:
        length = float(stream.duration * stream.time_base)
    return {
        "kind": stream.type,
        "is_picture": bool(stream.disposition & Disposition.attached_pic),
        "is_default": bool(stream.disposition & Disposition.default),
        "is_decodable": context is not None,
        "sample_rate": context.sample_rate if is_audio and context is not None else 0,
        "channels": context.channels if is_audio and context is not None else 0,
        "duration_s": length,
        "fps": float(rate) if rate else None,
    }


def _pictures_end_s(container: Any) -> float:
    """Returns when the last picture ends that can be read, in seconds by its timestamp."""
    import av

    end_s = 0.0
    with suppress(av.FFmpegError):  # damaged: what is before it counts
        for packet in container.demux(container.streams.video[0]):
            if packet.pts is not None and packet.size:
                end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end_s


class _ParentsFile:
    """A file object whose bytes the parent has."""

    def __init__(self, size: int, parent: Parent) -> None:
        self._size, self._parent = size, parent
        self._at, self._start, self._block = 0, 0, b""

    def read(self, size: int = -1) -> bytes:
        """Raises NotGiven."""
        wanted = self._size - self._at if size < 0 else size
        if not self._start <= self._at < self._start + len(self._block):
            block = self._parent.ask(struct.pack(PART, self._at, max(wanted, BLOCK)))
            self._start, self._block = self._at, block
        offset = self._at - self._start
        data = self._block[offset : offset + wanted]
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True
