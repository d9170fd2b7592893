"""Ctrl-C and a polite kill, heeded even where a library swallows them. Used by ``cli.py`` alone.

Python turns Ctrl-C into a KeyboardInterrupt wherever the main thread happens to be. That may be
inside a library's catch-all, and then it is lost. So it is also noted, and asked for again at every
sign of progress and before anything is written.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aligner.pipeline import Progress

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_noted = False


def listen() -> None:
    """From here on both signals interrupt, and are noted."""
    global _noted
    _noted = False
    for number in SIGNALS:
        signal.signal(number, _note)


def _note(_signal: int, _frame: FrameType | None) -> None:
    global _noted
    _noted = True
    raise KeyboardInterrupt


def ignore() -> None:
    """From here on neither signal does anything: the command is about to end by itself."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def heed() -> None:
    """Raise KeyboardInterrupt if there was an interruption that somebody swallowed."""
    if _noted:
        raise KeyboardInterrupt


def settle_temporary_folder() -> None:
    """Let ``tempfile`` choose its folder undisturbed: it tries out folders by writing to them."""
    import tempfile

    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        tempfile.gettempdir()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


class Heeding:
    """Progress that is an occasion to heed an interruption."""

    def __init__(self, inner: Progress) -> None:
        self.inner = inner

    def stage(self, name: str) -> None:
        heed()
        self.inner.stage(name)

    def advance(self, done: int, total: int | None) -> None:
        heed()
        self.inner.advance(done, total)
