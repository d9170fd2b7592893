"""Finds ffmpeg, runs it within limits, and reads its errors. No other module starts ffmpeg.

Callers build command lines with ffmpeg-python; ``build_command`` compiles them.
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
"""The last lines that ffmpeg wrote to standard error."""


@dataclass(frozen=True, slots=True)
class CompletedRun:
    """How an ffmpeg run ended."""

    code: int
    """The exit code; negative for the signal that ended the process."""
    complaint: str
    """Its last error message, "" if there is none."""


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """Limits of a run of ffmpeg; a crafted file can take all memory, or endless time.

    Outside Linux only ``wall_s`` takes effect.
    """

    memory_bytes: int = 8 << 30
    """Address space."""
    cpu_s: int | None = None
    """CPU time of all threads together."""
    wall_s: float | None = None
    """Time since the start."""


LIMITS = ProcessLimits()


def ffmpeg_path() -> Path:
    """Returns the path of ``ffmpeg_or_none``. Raises EngineUnavailable if there is none."""
    path = ffmpeg_or_none()
    if path is None:
        why = f"not installed; install ffmpeg, or {install_hint('ffmpeg')}"
        raise EngineUnavailable("ffmpeg", why)
    return path


@cache
def ffmpeg_or_none() -> Path | None:
    """Returns the system's ffmpeg if it runs, else that of imageio-ffmpeg, else None."""
    program = shutil.which("ffmpeg")
    if program and _runs(program):
        return Path(program)
    try:
        import imageio_ffmpeg

        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


def _runs(program: str) -> bool:
    """Returns whether a program is an ffmpeg that runs."""
    try:
        ran = subprocess.run([program, "-version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.returncode == 0 and ran.stdout.startswith(b"ffmpeg version")


def build_command(output: Any, loglevel: str = "error") -> list[str]:
    """Compile ffmpeg-python's output to a command line that reads no input and logs only errors."""
    import ffmpeg

    quiet = output.global_args("-nostdin", "-hide_banner", "-loglevel", loglevel)
    command: list[str] = ffmpeg.compile(quiet, cmd=str(ffmpeg_path()))
    return command


def address(path: Path) -> str:
    """Returns a URL of libav for a path, in which a colon or a leading dash has no meaning."""
    return f"file:{path.absolute()}"


@contextmanager
def running(
    command: list[str],
    stderr_tail: StderrTail,
    folder: Path | None = None,
    limits: ProcessLimits = LIMITS,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start ffmpeg (in ``folder``), and kill it at the end of the block.

    A process beyond its limits fails or is killed: its exit code is then negative. A thread fills
    ``stderr_tail``, because ffmpeg blocks on a full pipe; it is complete after the block. Raises
    EngineUnavailable.
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
    reader = Thread(target=lambda: stderr_tail.extend(_decoded_lines(process.stderr)), daemon=True)
    watch = Timer(limits.wall_s or TIMEOUT_MAX, process.kill)
    watch.daemon = True
    with process:
        reader.start()
        watch.start()
        try:
            yield process
        finally:
            watch.cancel()
            process.kill()
            reader.join()


def _limit(pid: int, limits: ProcessLimits) -> None:
    """Set the limits of a running process, since code between fork and exec may deadlock.

    Limits that the process has already (ulimit) are never raised.
    """
    if sys.platform != "linux":
        return
    import resource

    wanted = {resource.RLIMIT_AS: limits.memory_bytes, resource.RLIMIT_CORE: 0}
    if limits.cpu_s:
        wanted[resource.RLIMIT_CPU] = limits.cpu_s
    with suppress(ProcessLookupError):  # the process has already ended
        for kind, value in wanted.items():
            grace = 1 if kind == resource.RLIMIT_CPU else 0  # SIGXCPU comes before SIGKILL
            old = resource.prlimit(pid, kind)
            lower = _lower(old[0], value), _lower(old[1], value + grace)
            resource.prlimit(pid, kind, lower)


def _lower(was: int, new: int) -> int:
    """Returns the lower one of two limits, of which the first may be -1 (none)."""
    return new if was < 0 else min(was, new)


def is_limited_here(limits: ProcessLimits) -> bool:
    """Returns whether this process passes on lower limits (ulimit) than those given."""
    if sys.platform != "linux":
        return False
    import resource

    own = (resource.RLIMIT_AS, limits.memory_bytes), (resource.RLIMIT_CPU, limits.cpu_s)
    return any(0 <= resource.getrlimit(kind)[0] < value for kind, value in own if value is not None)


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """Returns a stream that was opened with PIPE, as not None."""
    assert stream is not None  # noqa: S101
    return stream


def _decoded_lines(stream: IO[bytes] | None) -> Iterator[str]:
    for line in pipe(stream):
        yield line.decode(errors="replace").strip()


def last_error_line(lines: StderrTail) -> str:
    """Returns the last meaningful line of ffmpeg's errors, without the names of its components."""
    for line in reversed(lines):
        text = re.sub(r"^(\[[^\]]*\]\s*)+", "", line)
        if text and not re.match(r"Conversion failed|Error opening (in|out)put file", text):
            return text
    return ""
