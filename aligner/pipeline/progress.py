"""Progress reports and cancellation.

A caller's progress object may raise any exception to stop the work, and libraries on the way up may
catch it. So it travels as ``CallerStopped``, a BaseException, and ``watched`` raises the original
again.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from aligner.errors import Cancelled


class Progress(Protocol):
    """Receives progress reports."""

    def stage(self, name: str) -> None:
        """A stage begins: page, find, probe, download, model, decode, listen, match or timing."""

    def advance(self, done: int, total: int | None) -> None:
        """``done`` of ``total`` bytes, or milliseconds of audio, are processed."""


def note(progress: Progress, text: str) -> None:
    """Passes a sentence for people on to a progress object that has a method ``note``."""
    take = getattr(progress, "note", None)
    if take is not None:
        take(text)


class NullProgress:
    """Discards progress reports."""

    def stage(self, name: str) -> None: ...

    def advance(self, done: int, total: int | None) -> None: ...


class CancelToken:
    """Lets one thread stop the work of another; cancelling cannot be undone."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Stop the work at its next progress report; the call then raises ``Cancelled``."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether ``cancel`` was called."""
        return self._event.is_set()


class CallerStopped(BaseException):
    """Carries ``error``, which the caller's progress raised or cancellation caused.

    It is not an ``Exception``, so that libraries do not handle it as a failure of their own.
    """

    def __init__(self, error: BaseException) -> None:
        self.error = error
        super().__init__(str(error))


class _WatchedProgress:
    """Forwards progress; once it has raised, every further report raises again."""

    def __init__(self, inner: Progress, cancel: CancelToken | None) -> None:
        self._inner, self._cancel = inner, cancel
        self.stopped: CallerStopped | None = None

    def stage(self, name: str) -> None:
        self._check()
        try:
            self._inner.stage(name)
        except BaseException as error:
            raise self._stop(error) from error

    def advance(self, done: int, total: int | None) -> None:
        self._check()
        try:
            self._inner.advance(done, total)
        except BaseException as error:
            raise self._stop(error) from error

    def note(self, text: str) -> None:
        self._check()
        try:
            note(self._inner, text)
        except BaseException as error:
            raise self._stop(error) from error

    def _check(self) -> None:
        if self._cancel and self._cancel.cancelled:
            raise self._stop(Cancelled())
        if self.stopped:
            raise self.stopped

    def _stop(self, error: BaseException) -> CallerStopped:
        self.stopped = error if isinstance(error, CallerStopped) else CallerStopped(error)
        return self.stopped


@contextmanager
def watched(progress: Progress | None, cancel: CancelToken | None = None) -> Iterator[Progress]:
    """Yield a progress object for the block, which forwards to the caller's.

    Raises what the caller's progress raises, even if a library swallows it, and Cancelled after
    ``cancel.cancel()``.
    """
    watching = _WatchedProgress(progress or NullProgress(), cancel)
    try:
        yield watching
    except CallerStopped as stopped:
        watching.stopped = stopped
        # Release connections and files that the frames of the traceback hold.
        traceback.clear_frames(stopped.__traceback__)
    if watching.stopped:  # also if a library swallowed it
        error, watching.stopped = watching.stopped.error, None
        try:
            raise error
        finally:
            del error  # else it would keep this frame alive, with all open files
