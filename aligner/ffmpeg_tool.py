"""The one room that starts ffmpeg: which one, running it, and what it complains of.

Command lines are built with ffmpeg-python, by the stages that need them, and compiled here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread
from typing import IO, Any

from aligner.errors import EngineUnavailable

Complaints = deque[str]
"""The last lines that ffmpeg wrote to its error output."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an ffmpeg run ended."""

    code: int
    """Its exit code, negative for the signal that ended it."""
    complaint: str
    """The last thing it wrote to its error output, "" if nothing."""


@cache
def ffmpeg_path() -> Path:
    """The ffmpeg to use: the system's if it works, else the one of the imageio-ffmpeg package.

    Raises EngineUnavailable if there is neither.
    """
    found = shutil.which("ffmpeg")
    if found and _works(found):
        return Path(found)
    try:
        import imageio_ffmpeg

        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        why = "not installed; install ffmpeg, or the Python package imageio-ffmpeg"
        raise EngineUnavailable("ffmpeg", why) from error


def _works(program: str) -> bool:
    """Whether a program found on the PATH is one that runs."""
    try:
        ran = subprocess.run([program, "-version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.returncode == 0 and ran.stdout.startswith(b"ffmpeg version")


def compiled(output: Any, loglevel: str = "error") -> list[str]:
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
    command: list[str], complaints: Complaints, folder: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A started ffmpeg (in ``folder``), which does not outlive the block however that ends.

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
    listener = Thread(target=lambda: complaints.extend(_lines(process.stderr)), daemon=True)
    with process:
        listener.start()
        try:
            yield process
        finally:
            process.kill()
            listener.join()


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """A stream that was asked for with PIPE."""
    assert stream is not None  # noqa: S101
    return stream


def _lines(stream: IO[bytes] | None) -> Iterator[str]:
    for line in pipe(stream):
        yield line.decode(errors="replace").strip()


def gist(lines: Complaints) -> str:
    """ffmpeg's error output -> its last line that says something, without addresses in memory."""
    for line in reversed(lines):
        text = re.sub(r"^(\[[^\]]*\]\s*)+", "", line)
        if text and not re.match(r"Conversion failed|Error opening (in|out)put file", text):
            return text
    return ""
