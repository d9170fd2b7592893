"""Ctrl-C and a polite kill, heeded even where a library swallows them.

Python turns Ctrl-C into a KeyboardInterrupt wherever the main thread happens to be. That may be
inside a library's catch-all, and then it is lost. So it is also noted, and asked for again at every
sign of progress and before anything is written.
"""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aligner.pipeline.progress import Progress

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_noted = False
_deaf = False
"""Signals are noted and raise nothing."""
_room: Path | None = None
"""Where this run's temporary files lie."""


def listen() -> None:
    """From here on both signals interrupt, and are noted."""
    global _noted
    _noted = False
    for number in SIGNALS:
        signal.signal(number, _note)


def _note(_signal: int, _frame: FrameType | None) -> None:
    global _noted
    _noted = True
    if not _deaf:
        raise KeyboardInterrupt


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if there was an interruption that somebody swallowed."""
    if _noted:
        raise KeyboardInterrupt


def gather_temporary_files() -> None:
    """From here on all that ``tempfile`` makes lies in one folder, which ``cleanup`` removes.

    A signal may come between the making of a folder and the first line that knows of it, so what
    is to be removed is named before it is made, and removed when signals no longer count.
    """
    import secrets
    import tempfile

    global _room, _deaf
    if _room is not None:
        return
    _deaf = True  # tempfile tries out folders by writing to them
    chosen = Path(tempfile.gettempdir()) / f"aligner-{secrets.token_hex(8)}"
    _deaf = False
    _room = chosen
    _room.mkdir(mode=0o700)
    tempfile.tempdir = str(_room)


def cleanup() -> None:
    """Signals no longer count: the command is about to end by itself. Temporary files go."""
    global _room
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    # CPython remembers an interruption that fell into ``exec`` of a text (every dataclass is made
    # so) even if it was caught, and would end by the signal instead of by the exit code.
    exec("")  # noqa: S102
    if _room is not None:
        import shutil
        import tempfile

        tempfile.tempdir = None
        shutil.rmtree(_room, ignore_errors=True)
        _room = None


class InterruptibleProgress:
    """Progress that is an occasion to heed an interruption."""

    def __init__(self, inner: Progress) -> None:
        self.inner = inner

    def stage(self, name: str) -> None:
        raise_if_interrupted()
        self.inner.stage(name)

    def advance(self, done: int, total: int | None) -> None:
        raise_if_interrupted()
        self.inner.advance(done, total)
