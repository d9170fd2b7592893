"""The one room that starts ffmpeg: which one, running it, and what it complains of.

Command lines are built with ffmpeg-python, by the stages that need them, and compiled here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import TIMEOUT_MAX, Thread, Timer
from typing import IO, Any

from aligner._util.distribution import install_hint
from aligner.errors import EngineUnavailable

StderrTail = deque[str]
"""The last lines that ffmpeg wrote to its error output."""


@dataclass(frozen=True, slots=True)
class CompletedRun:
    """How an ffmpeg run ended."""

    code: int
    """Its exit code, negative for the signal that ended it."""
    complaint: str
    """The last thing it wrote to its error output, "" if nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run of ffmpeg may take; where the system cannot limit a process, only the time holds.

    A file can be made so that reading it takes all memory, or for ever.
    """

    memory_bytes: int = 8 << 30
    """Of address space."""
    cpu_s: int | None = None
    """Of computing, all its threads together."""
    wall_s: float | None = None
    """From its start."""


LIMITS = Limits()


def ffmpeg_path() -> Path:
    """The ffmpeg to use, see ``ffmpeg_or_none``. Raises EngineUnavailable if there is none."""
    path = ffmpeg_or_none()
    if path is None:
        why = f"not installed; install ffmpeg, or {install_hint('ffmpeg')}"
        raise EngineUnavailable("ffmpeg", why)
    return path


@cache
def ffmpeg_or_none() -> Path | None:
    """The system's ffmpeg if it works, else that of the imageio-ffmpeg package; None without."""
    program = shutil.which("ffmpeg")
    if program and _works(program):
        return Path(program)
    try:
        import imageio_ffmpeg

        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


def _works(program: str) -> bool:
    """Whether a program found on the PATH is one that runs."""
    try:
        ran = subprocess.run([program, "-version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.returncode == 0 and ran.stdout.startswith(b"ffmpeg version")


def build_command(output: Any, loglevel: str = "error") -> list[str]:
    """ffmpeg-python's output -> the command line; it asks nothing and says only what is wrong."""
    import ffmpeg

    quiet = output.global_args("-nostdin", "-hide_banner", "-loglevel", loglevel)
    command: list[str] = ffmpeg.compile(quiet, cmd=str(ffmpeg_path()))
    return command


def address(path: Path) -> str:
    """A path as libav takes it literally: a colon or a leading dash in it means nothing."""
    return f"file:{path.absolute()}"


@contextmanager
def running(
    command: list[str],
    complaints: StderrTail,
    folder: Path | None = None,
    limits: Limits = LIMITS,
) -> Iterator[subprocess.Popen[bytes]]:
    """A started ffmpeg (in ``folder``), which does not outlive the block however that ends.

    One that goes beyond its limits fails, or is killed: its exit code is then negative.

    ``complaints`` is complete after the block: a thread collects them, since ffmpeg stops when
    nobody reads its error output.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
        )
    except OSError as error:
        raise EngineUnavailable("ffmpeg", f"cannot be started: {error.strerror}") from error
    _limit(process.pid, limits)
    listener = Thread(target=lambda: complaints.extend(_lines(process.stderr)), daemon=True)
    watch = Timer(limits.wall_s or TIMEOUT_MAX, process.kill)
    watch.daemon = True
    with process:
        listener.start()
        watch.start()
        try:
            yield process
        finally:
            watch.cancel()
            process.kill()
            listener.join()


def _limit(pid: int, limits: Limits) -> None:
    """Have the system hold a process to its limits, from outside: what runs between fork and exec
    may hang where there are threads."""
    if sys.platform != "linux":
        return
    import resource

    with suppress(ProcessLookupError):  # it has ended already
        resource.prlimit(pid, resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        if limits.cpu_s:
            resource.prlimit(pid, resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 1))


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """A stream that was asked for with PIPE."""
    assert stream is not None  # noqa: S101
    return stream


def _lines(stream: IO[bytes] | None) -> Iterator[str]:
    for line in pipe(stream):
        yield line.decode(errors="replace").strip()


def last_error_line(lines: StderrTail) -> str:
    """ffmpeg's error output -> its last line that says something, without addresses in memory."""
    for line in reversed(lines):
        text = re.sub(r"^(\[[^\]]*\]\s*)+", "", line)
        if text and not re.match(r"Conversion failed|Error opening (in|out)put file", text):
            return text
    return ""
