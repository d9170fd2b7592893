"""Reads the headers of media files in processes with limits (``inspector_program.py``).

A crafted header of a few kilobytes can make libav take gigabytes, endless time, or crash. Here that
ends a process of its own, and becomes an error of the file. A process is used for many files, and
ends by itself when there are none.
"""

from __future__ import annotations

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from aligner._util.atomic_write import reason
from aligner._util.machine_faults import ERRNOS as MACHINE_ERRNOS
from aligner._util.media_container import CONTAINERS
from aligner._util.strict_json import read as read_json
from aligner.errors import MachineFault, MediaUnavailable

PROGRAM = Path(__file__).with_name("inspector_program.py")
FAILED = b"\xff" * 4
"""Stands in place of a message's length: the bytes that are asked for cannot be had."""
LONGEST_MESSAGE = 10_000_000
AT_ONCE = max(2, os.cpu_count() or 1)
"""Processes; another one is started only while all of them are busy for TURN_S."""
TURN_S = 0.5
IDLE_S = 20.0
"""A process that had nothing to do for longer is replaced; it ends by itself ten seconds later."""
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
OF_WHOLE_FILES = InspectionLimits(memory_bytes=2 << 30, cpu_s=60, wall_s=600.0)
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
    return _facts(_processes.ask(name, request, file, limits.wall_s), name, limits)


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
    return _facts(_processes.ask(name, request, None, limits.wall_s), name, limits)


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


class _Ended(Exception):
    """The process has ended, or does not keep to the messages."""


class _ReadError(Exception):
    """Reading the file raised ``error``."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        super().__init__(str(error))


class _Process:
    """One running program."""

    def __init__(self) -> None:
        """Raises OSError, _Ended."""
        isolated = "-P"  # imports no modules of its folder
        self._process = subprocess.Popen(
            [sys.executable, isolated, str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._received()
        except BaseException:
            self.end()
            raise
        self._used_at = time.monotonic()

    @property
    def is_usable(self) -> bool:
        """Whether it runs, and is not about to end because it had nothing to do."""
        return self._process.poll() is None and time.monotonic() - self._used_at < IDLE_S

    def ask(self, request: dict[str, Any], file: IO[bytes] | None) -> dict[str, Any]:
        """Returns the last message. Raises _Ended, _ReadError."""
        self._send(json.dumps(request).encode())
        failure: Exception | None = None
        while "read" in (message := self._received()):
            try:
                self._send(_part(file, message))
            except _Ended:
                raise
            except Exception as error:  # it is raised again when the process has let go
                failure = failure or error
                self._write(FAILED)
        self._used_at = time.monotonic()
        if failure:
            raise _ReadError(failure)
        return message

    def end(self) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    continue  # what was to be written is lost with the process
        self._process.wait()

    def kill(self) -> None:
        self._process.kill()

    def _send(self, data: bytes) -> None:
        self._write(struct.pack(">I", len(data)) + data)

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError as error:
            raise _Ended from error

    def _received(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101
        head = self._process.stdout.read(4)
        size = struct.unpack(">I", head)[0] if len(head) == 4 else 0
        data = self._process.stdout.read(size) if 0 < size <= LONGEST_MESSAGE else b""
        if not data or len(data) < size:
            raise _Ended
        try:
            message = read_json(data)
        except ValueError as error:
            raise _Ended from error
        if not isinstance(message, dict):
            raise _Ended
        return message


def _part(file: IO[bytes] | None, message: dict[str, Any]) -> bytes:
    """Returns the bytes that the process asks for."""
    if file is None:
        raise _Ended
    file.seek(message["read"])
    return file.read(message["size"])


class _Processes:
    """The running programs; each is used by one thread at a time."""

    def __init__(self) -> None:
        self._idle: list[_Process] = []
        self._not_ours: list[_Process] = []
        self._busy = 0
        self._changed = threading.Condition()

    def ask(
        self, name: str, request: dict[str, Any], file: IO[bytes] | None, wall_s: float
    ) -> dict[str, Any] | None:
        """Returns a process's answer; None if it ended.

        Raises what reading the file raises, and MachineFault if no process can be started.
        """
        try:
            process = self._taken()
        except OSError as error:
            raise MachineFault(name, f"no process can be started: {reason(error)}") from error
        except _Ended as error:
            raise MachineFault(name, CANNOT_START) from error
        watch = threading.Timer(wall_s, process.kill)
        watch.daemon = True
        watch.start()
        is_usable = False
        try:
            answer = process.ask(request, file)
            is_usable = answer.get("kind") != "memory" and not answer.get("has_grown")
        except _Ended:
            return None
        except _ReadError as error:
            is_usable = True
            raise error.error from None
        finally:
            watch.cancel()
            self._give_back(process, is_usable)
        return answer

    def _taken(self) -> _Process:
        with self._changed:
            if not self._idle and self._busy >= AT_ONCE:
                self._changed.wait_for(lambda: self._idle or self._busy < AT_ONCE, TURN_S)
            self._busy += 1
            while self._idle:
                process = self._idle.pop()
                if process.is_usable:
                    return process
                process.end()
        try:
            return _Process()
        except BaseException:
            with self._changed:
                self._busy -= 1
            raise

    def _give_back(self, process: _Process, is_usable: bool) -> None:
        if not is_usable:
            process.end()
        with self._changed:
            self._busy -= 1
            if is_usable:
                self._idle.append(process)
            self._changed.notify()

    def end(self) -> None:
        with self._changed:
            while self._idle:
                self._idle.pop().end()

    def leave_to_parent(self) -> None:
        """Forget the processes, which belong to the process that this one was forked from."""
        self._not_ours += self._idle
        self._idle, self._busy, self._changed = [], 0, threading.Condition()


_processes = _Processes()
atexit.register(_processes.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_processes.leave_to_parent)
