"""Who is told how far the work is, and who may stop it.

A caller's own progress may raise anything, and libraries catch nearly everything on the way up.
So what it raises travels as ``CallerStopped``, which is no ``Exception``, and is raised as it was
where the work was asked for (``watched``).
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from aligner.errors import Cancelled


class Progress(Protocol):
    """Whom the pipeline tells how far it is."""

    def stage(self, name: str) -> None:
        """A stage begins."""

    def advance(self, done: int, total: int | None) -> None:
        """The stage has come so far: bytes, or milliseconds of sound."""


class NullProgress:
    """Tells nobody."""

    def stage(self, name: str) -> None: ...

    def advance(self, done: int, total: int | None) -> None: ...


class CancelToken:
    """Lets one thread stop the work that another one waits for; it cannot be taken back."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Have the work end at its next sign of progress; the call then raises ``Cancelled``."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether ``cancel`` was called."""
        return self._event.is_set()


class CallerStopped(BaseException):
    """The caller wants no more of this; ``error`` is what it is to be told.

    No ``Exception``, so that no library takes it for a failure of its own.
    """

    def __init__(self, error: BaseException) -> None:
        self.error = error
        super().__init__(str(error))


class _WatchedProgress:
    """Progress whose errors stop the work for good, whoever swallows them."""

    def __init__(self, inner: Progress, cancel: CancelToken | None) -> None:
        self._inner, self._cancel = inner, cancel
        self.stopped: CallerStopped | None = None

    def stage(self, name: str) -> None:
        self._heed()
        try:
            self._inner.stage(name)
        except BaseException as error:
            raise self._stop(error) from error

    def advance(self, done: int, total: int | None) -> None:
        self._heed()
        try:
            self._inner.advance(done, total)
        except BaseException as error:
            raise self._stop(error) from error

    def _heed(self) -> None:
        if self._cancel and self._cancel.cancelled:
            raise self._stop(Cancelled())
        if self.stopped:
            raise self.stopped

    def _stop(self, error: BaseException) -> CallerStopped:
        self.stopped = error if isinstance(error, CallerStopped) else CallerStopped(error)
        return self.stopped


@contextmanager
def watched(progress: Progress | None, cancel: CancelToken | None = None) -> Iterator[Progress]:
    """The caller's progress -> the one to tell within the block.

    What the caller's progress raises ends the block and leaves it as it was raised; raises
    Cancelled after ``cancel.cancel()``.
    """
    watching = _WatchedProgress(progress or NullProgress(), cancel)
    try:
        yield watching
    except CallerStopped as stopped:
        watching.stopped = stopped
        # Let go of what the frames on its way hold open: connections, files.
        traceback.clear_frames(stopped.__traceback__)
    if watching.stopped:  # also if a library has swallowed it
        error, watching.stopped = watching.stopped.error, None
        try:
            raise error
        finally:
            del error  # else it would hold this frame, and with it all that the work had open
