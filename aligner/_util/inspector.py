"""Reads the headers of media files in processes with limits (``inspector_program.py``).

A crafted header of a few kilobytes can make libav take gigabytes, endless time, or crash. Here that
ends a process of its own (``helper_process.py``), and becomes an error of the file.
"""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from aligner._util import inspector_program
from aligner._util.atomic_write import reason
from aligner._util.helper_process import Give, HelperProcesses, give_nothing
from aligner._util.machine_faults import ERRNOS as MACHINE_ERRNOS
from aligner._util.media_container import CONTAINERS
from aligner._util.strict_json import read as read_json
from aligner.errors import MachineFault, MediaUnavailable

LONGEST_ANSWER = 10_000_000
CANNOT_START = (
    "PyAV, which reads recordings, cannot start; perhaps memory or computing time of processes is "
    "limited here (ulimit -v, ulimit -t)"
)
NOT_MEDIA = "not a video or audio file that can be read"


@dataclass(frozen=True, slots=True)
class InspectionLimits:
    """Limits of looking into one file; outside Linux and macOS only ``wall_s`` takes effect."""

    memory_bytes: int = 1 << 29
    """Address space, of which the program itself takes 130 MB."""
    cpu_s: int = 10
    wall_s: float = 120.0
    """Time, including that for fetching what is read."""


DEFAULTS = InspectionLimits()
OF_WHOLE_FILES = InspectionLimits(memory_bytes=768 << 20, cpu_s=60, wall_s=600.0)
"""Of recordings on this disk, whose indexes may be large."""


@dataclass(frozen=True, slots=True)
class Track:
    """A stream of a media file."""

    kind: str
    """libav's name: "audio", "video", "subtitle", "data"..."""
    is_picture: bool
    """Whether it is only a cover picture."""
    is_default: bool
    is_decodable: bool
    sample_rate: int
    """Samples a second; 0 if it is not known, and for tracks that are no sound."""
    channels: int
    duration_s: float | None
    fps: float | None


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """What the headers of a media file say."""

    format: str
    """libav's name."""
    duration_us: int | None
    start_us: int | None
    bit_rate: int | None
    tracks: tuple[Track, ...]
    pictures_end_s: float = 0.0
    """When the last picture ends; only where that was asked for."""

    @property
    def duration_ms(self) -> int | None:
        return None if self.duration_us is None else round(self.duration_us / 1000)

    @property
    def audio(self) -> tuple[Track, ...]:
        return tuple(track for track in self.tracks if track.kind == "audio")

    @property
    def films(self) -> tuple[Track, ...]:
        """The video tracks that are more than a cover picture."""
        return tuple(t for t in self.tracks if t.kind == "video" and not t.is_picture)

    @property
    def played_track(self) -> int | None:
        """The index, among the audio tracks, of the one that players play; None without any."""
        numbered = [n for n, track in enumerate(self.audio) if track.is_decodable]
        preferred = [n for n in numbered if self.audio[n].is_default]
        return next(iter(preferred or numbered), None)


_processes = HelperProcesses(
    inspector_program.__name__, longest_answer=LONGEST_ANSWER, cannot_start=CANNOT_START
)


def inspect(
    file: Any, name: str, limits: InspectionLimits = DEFAULTS, **options: str
) -> ContainerFacts:
    """Read the headers of a path or of an open file; ``options`` are libav's own.

    Errors name ``name``. Raises MediaUnavailable (state "not_media"), MachineFault, and what
    reading the file raises.
    """
    if isinstance(file, Path):
        return _of_path(file, name, limits, options, pictures_end=False)
    request = _request(limits, options) | {"size": file.seek(0, os.SEEK_END)}
    return _facts(_ask(name, request, _FileParts(file), limits), name, limits)


def pictures_end_s(path: Path, name: str) -> float:
    """Returns the timestamp at which the last picture of a file ends that can be read, in seconds.

    Raises as ``inspect``.
    """
    return _of_path(path, name, OF_WHOLE_FILES, {}, pictures_end=True).pictures_end_s


def _of_path(
    path: Path, name: str, limits: InspectionLimits, options: dict[str, str], *, pictures_end: bool
) -> ContainerFacts:
    request = _request(limits, {"protocol_whitelist": "file"} | options)
    request |= {"address": f"file:{path.absolute()}", "pictures_end": pictures_end}
    return _facts(_ask(name, request, give_nothing, limits), name, limits)


def _ask(
    name: str, request: dict[str, Any], give: Give, limits: InspectionLimits
) -> dict[str, Any] | None:
    """Returns a process's answer; None if it ended. Raises as ``inspect``."""
    answer = _processes.ask(name, json.dumps(request).encode(), limits.wall_s, give)
    try:
        return None if answer is None else dict(read_json(answer))
    except (TypeError, ValueError):
        return None


def _request(limits: InspectionLimits, options: dict[str, str]) -> dict[str, Any]:
    return {
        "formats": CONTAINERS,
        "options": options,
        "memory_bytes": limits.memory_bytes,
        "cpu_s": limits.cpu_s,
        "pictures_end": False,
    }


def _facts(answer: dict[str, Any] | None, name: str, limits: InspectionLimits) -> ContainerFacts:
    """Returns the facts in a process's answer; None if it ended. Raises as ``inspect``."""
    if answer is None:
        why = f"reading it takes more than {limits.cpu_s} s of computing, or crashes the reader"
        raise MediaUnavailable(name, "not_media", f"{NOT_MEDIA}: {why}")
    if facts := answer.get("facts"):
        tracks = tuple(Track(**track) for track in facts["tracks"])
        return ContainerFacts(**facts | {"tracks": tracks})
    if answer.get("kind") == "format":
        raise MediaUnavailable(name, "not_media", "not a video or audio file")
    if answer.get("errno") in MACHINE_ERRNOS:
        raise MachineFault(name, reason(OSError(answer["errno"], "")))
    why = answer.get("error") or "no reason given"
    if answer.get("kind") == "memory":
        why = f"reading it takes more than {limits.memory_bytes >> 20} MB of memory"
    raise MediaUnavailable(name, "not_media", f"{NOT_MEDIA}: {why}")


class _FileParts:
    """Gives the parts of a file that the process asks for."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __call__(self, wanted: bytes) -> bytes:
        offset, size = struct.unpack(inspector_program.PART, wanted)
        self._file.seek(offset)
        return self._file.read(size)
