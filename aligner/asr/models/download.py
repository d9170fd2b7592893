"""Downloads models in a process of its own (``download_program.py``), which can be ended at once.

Whoever waits is told the bytes several times a second, and may raise an exception then, as the
handling of Ctrl-C does: the process ends with it. What has arrived is kept for the next time.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

import msgspec

from aligner.asr.models.download_messages import DownloadJob, DownloadReport

log = logging.getLogger(__name__)

PROGRAM = "aligner.asr.models.download_program"
NO_ANSWER = "the process that downloads it was ended"


class Watch(Protocol):
    """Is told how the preparation of a model goes on; it may raise, and thereby stop it."""

    def note(self, text: str) -> None:
        """Takes a sentence for people."""

    def advance(self, done: int, total: int | None) -> None:
        """Takes the bytes that are here, and all; called several times a second."""


class SilentWatch:
    """Writes what is said into the log."""

    def note(self, text: str) -> None:
        log.info("%s", text)

    def advance(self, done: int, total: int | None) -> None: ...


class DownloadFailed(Exception):
    """A model could not be downloaded; the message says why."""


def run(job: DownloadJob, watch: Watch) -> Path:
    """Downloads a model and returns its path. Raises DownloadFailed, and what ``watch`` raises."""
    with _process(job) as output:
        for line in output:
            report = msgspec.json.decode(line, type=DownloadReport)
            if report.note:
                watch.note(f"model {job.name}: {report.note}")
            watch.advance(report.done, report.total or None)
            if report.path:
                return Path(report.path)
            if report.failed:
                raise DownloadFailed(report.failed)
    raise DownloadFailed(NO_ANSWER)


@contextmanager
def _process(job: DownloadJob) -> Iterator[IO[bytes]]:
    """Yields the output of the process that downloads; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", PROGRAM],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with process:
        try:
            assert process.stdin is not None  # noqa: S101  both are pipes
            assert process.stdout is not None  # noqa: S101
            with suppress(BrokenPipeError):  # it has ended; its missing answer says so
                process.stdin.write(msgspec.json.encode(job) + b"\n")
                process.stdin.flush()
            yield process.stdout
        finally:
            process.kill()
