"""A program that reads the headers of media files with PyAV's libraries, one after the other.

    python -P _util/inspector_program.py

``inspector.py`` runs it as a process of its own, because a crafted file can take all memory, or
endless time. It imports nothing of aligner. It ends when its input ends, or after IDLE_S without
any.

A message is its length (4 bytes, big-endian) and so many bytes. The program sends {"ready": true}
when it can read files, and the parent then sends a request (JSON): "formats" may be opened, and no
others; "options" are libav's own; "memory_bytes" and "cpu_s" limit the work; with "pictures_end"
all pictures are read too. "address" is what to open; without it the bytes are asked of the parent:
for {"read": OFFSET, "size": N} it sends at most N bytes, and FAILED if it cannot. The last message
is {"facts": ..., "has_grown": ...} or {"error": ..., "kind": ...}. Kinds are "format" for a format
that may not be opened, "memory" where the memory did not suffice, and "file" for all other errors.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from contextlib import suppress
from itertools import islice
from typing import Any, BinaryIO

IDLE_S = 30
BLOCK = 1 << 18
"""Bytes that are asked for at a time; what libav does not use yet is kept."""
FAILED = b"\xff" * 4
"""Stands in place of a message's length."""
MAX_STREAMS = 1000
TOLERANT_VERSION = 19
"""From this major version on PyAV reads tags in unknown encodings; older versions fail on them
unless they are told to replace invalid bytes."""
HIGHEST_MEMORY = 2 << 30
LARGE = 300 << 20
"""A process that has taken more is not used again: it may keep the memory."""


class ReadFailed(Exception):
    """The parent cannot give the bytes that are to be read."""


def main() -> None:
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    with suppress(ValueError, AttributeError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    _limit_memory(HIGHEST_MEMORY, HIGHEST_MEMORY)
    import av  # noqa: F401  what the first request would wait for

    _send(outgoing, {"ready": True})
    while True:
        _alarm(IDLE_S)
        request = _received(incoming)
        _alarm(0)
        if request is None:
            return
        _send(outgoing, _answer(json.loads(request), incoming, outgoing))


def _answer(request: dict[str, Any], incoming: BinaryIO, outgoing: BinaryIO) -> dict[str, Any]:
    import av

    _limit_memory(request["memory_bytes"], HIGHEST_MEMORY)
    _limit_cpu(request["cpu_s"])
    file = request.get("address") or _ParentsFile(request["size"], incoming, outgoing)
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
            return {"facts": facts, "has_grown": _resident_bytes() > LARGE}
    except av.ArgumentError:
        return {"error": "not a video or audio file", "kind": "format"}
    except MemoryError as error:  # av.error.MemoryError is one too
        return {"error": str(error), "kind": "memory"}
    except ReadFailed:
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

    def __init__(self, size: int, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._size, self._incoming, self._outgoing = size, incoming, outgoing
        self._at, self._start, self._block = 0, 0, b""

    def read(self, size: int = -1) -> bytes:
        """Raises ReadFailed."""
        wanted = self._size - self._at if size < 0 else size
        if not self._start <= self._at < self._start + len(self._block):
            _send(self._outgoing, {"read": self._at, "size": max(wanted, BLOCK)})
            block = _received(self._incoming)
            if block is None:
                raise ReadFailed
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


# ---------------------------------------------------------------- limits, messages


def _limit_memory(size: int, highest: int) -> None:
    """Limit the address space, where the system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        top = highest if hard == resource.RLIM_INFINITY else min(hard, highest)
        resource.setrlimit(resource.RLIMIT_AS, (min(size, top), top))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(seconds: int) -> None:
    """Limit the CPU time from now on, where the system can; beyond it the process is killed."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
        soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _resident_bytes() -> int:
    """Returns the most memory that this process has taken; 0 where the system does not tell.

    On Linux ``ru_maxrss`` is of no use: a program takes it over from the process that starts it.
    """
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123  fewer imports
            return int(status.read().partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        return 0


def _alarm(seconds: int) -> None:
    """End this process after so many seconds, where the system can; 0 for never."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _received(incoming: BinaryIO) -> bytes | None:
    """Returns the next message; None at the end, and for FAILED."""
    head = incoming.read(4)
    if len(head) < 4 or head == FAILED:
        return None
    (size,) = struct.unpack(">I", head)
    data = incoming.read(size)
    return data if len(data) == size else None


def _send(outgoing: BinaryIO, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    outgoing.write(struct.pack(">I", len(data)) + data)
    outgoing.flush()


if __name__ == "__main__":
    main()
