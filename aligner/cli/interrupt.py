"""Handling of Ctrl-C and SIGTERM, also where a library swallows the exception.

Python raises KeyboardInterrupt wherever the main thread is. Within a library's ``except`` clause it
would be lost. So it is also recorded, and raised again at every progress report and before anything
is written.
"""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aligner.pipeline.progress import Progress

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_received = False
_suspended = False
"""While true, signals are recorded and raise nothing."""
_temporary_folder: Path | None = None
"""The folder of this run's temporary files."""


def listen() -> None:
    """Handle both signals from now on: record them, and raise KeyboardInterrupt."""
    global _received
    _received = False
    for number in SIGNALS:
        signal.signal(number, _receive)


def _receive(_signal: int, _frame: FrameType | None) -> None:
    global _received
    _received = True
    if not _suspended:
        raise KeyboardInterrupt


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if a signal was received, even if a library swallowed it."""
    if _received:
        raise KeyboardInterrupt


def gather_temporary_files() -> None:
    """Have ``tempfile`` put everything into one folder, which ``cleanup`` removes.

    A signal may arrive between the creation of a folder and the assignment of its name. So the
    name is chosen first, and the folder is removed after signals are ignored.
    """
    import secrets
    import tempfile

    global _temporary_folder, _suspended
    if _temporary_folder is not None:
        return
    _suspended = True  # tempfile tests folders by writing to them
    chosen = Path(tempfile.gettempdir()) / f"aligner-{secrets.token_hex(8)}"
    _suspended = False
    _temporary_folder = chosen
    _temporary_folder.mkdir(mode=0o700)
    tempfile.tempdir = str(_temporary_folder)


def cleanup() -> None:
    """Ignore signals, since the command is about to end, and remove temporary files."""
    global _temporary_folder
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    # CPython remembers a KeyboardInterrupt raised within ``exec`` of source text (dataclasses use
    # it) even if it was caught, and would then end by the signal, not with the exit code.
    exec("")  # noqa: S102
    if _temporary_folder is not None:
        import shutil
        import tempfile

        tempfile.tempdir = None
        shutil.rmtree(_temporary_folder, ignore_errors=True)
        _temporary_folder = None


class InterruptibleProgress:
    """Progress that raises KeyboardInterrupt if a signal was received."""

    def __init__(self, inner: Progress) -> None:
        self.inner = inner

    def stage(self, name: str) -> None:
        raise_if_interrupted()
        self.inner.stage(name)

    def advance(self, done: int, total: int | None) -> None:
        raise_if_interrupted()
        self.inner.advance(done, total)
