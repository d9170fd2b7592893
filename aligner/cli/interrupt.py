"""Handling of Ctrl-C, SIGTERM and SIGHUP, also where a library swallows the exception.

Python raises KeyboardInterrupt wherever the main thread is. Within a library's ``except`` clause it
would be lost. So it is also recorded, and raised again at every progress report and before anything
is written. A second signal right after the first raises nothing, for it would interrupt the
clean-up that the first one has begun; nor does any signal before the command begins or after its
end.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aligner.pipeline.progress import Progress

SIGNALS = (signal.SIGINT, signal.SIGTERM)
HANGUP = getattr(signal, "SIGHUP", None)
"""Sent when the terminal is closed. Windows has none; `nohup` has it ignored."""
CLEAN_UP_S = 3.0
"""The time after a signal in which others raise nothing."""

_received = False
_raised_at = float("-inf")
_command: CodeType | None = None
"""The function during which signals raise; None for any."""
_suspended = False
"""While true, signals are recorded and raise nothing."""
_temporary_folder: Path | None = None
"""The folder of this run's temporary files."""
_lock: int | None = None
"""The handle of its lock."""


def listen(command: CodeType | None = None) -> None:
    """Handle the signals from now on: record them, and raise KeyboardInterrupt.

    ``command`` is the code of the function during which they raise; None for any.
    """
    global _received, _raised_at, _command
    _received, _raised_at, _command = False, float("-inf"), command
    for number in _signals():
        signal.signal(number, _receive)


def _signals() -> tuple[signal.Signals, ...]:
    if HANGUP is None or signal.getsignal(HANGUP) is signal.SIG_IGN:
        return SIGNALS
    return (*SIGNALS, HANGUP)


def _receive(_signal: int, frame: FrameType | None) -> None:
    global _received, _raised_at
    _received = True
    now = time.monotonic()
    if not _suspended and now - _raised_at > CLEAN_UP_S and _is_running(frame):
        _raised_at = now
        raise KeyboardInterrupt


def _is_running(frame: FrameType | None) -> bool:
    """Whether the main thread is within the command."""
    while _command and frame and frame.f_code is not _command:
        frame = frame.f_back
    return frame is not None


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if a signal was received, even if a library swallowed it."""
    if _received:
        raise KeyboardInterrupt


def gather_temporary_files() -> None:
    """Have ``tempfile`` put everything into one folder, which ``cleanup`` removes.

    A signal may arrive between the creation of a folder and the assignment of its name. So the
    name is chosen first, and the folder is removed after signals are ignored. Folders of runs that
    were killed are removed too. Raises OutputError.
    """
    import tempfile

    from aligner._util import temporary_folder
    from aligner._util.atomic_write import reason
    from aligner.errors import OutputError

    global _temporary_folder, _lock, _suspended
    if _temporary_folder is not None:
        return
    try:
        _suspended = True  # tempfile tests folders by writing to them
        chosen = temporary_folder.free_place()
        _suspended = False
        temporary_folder.sweep()
        _temporary_folder = chosen
        _lock = temporary_folder.occupy(chosen)
    except OSError as error:
        raise OutputError("the folder for temporary files", reason(error)) from error
    finally:
        _suspended = False
    tempfile.tempdir = str(_temporary_folder)


def cleanup() -> None:
    """Ignore signals, since the command is about to end, and remove temporary files."""
    global _temporary_folder
    for number in _signals():
        signal.signal(number, signal.SIG_IGN)
    # CPython remembers a KeyboardInterrupt raised within ``exec`` of source text (dataclasses use
    # it) even if it was caught, and would then end by the signal, not with the exit code.
    exec("")  # noqa: S102
    if _temporary_folder is not None:
        import tempfile

        from aligner._util import temporary_folder

        tempfile.tempdir = None
        temporary_folder.release(_temporary_folder, _lock)
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

    def note(self, text: str) -> None:
        from aligner.pipeline.progress import note

        raise_if_interrupted()
        note(self.inner, text)
