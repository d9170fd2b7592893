"""Prepares standard input, output and error, so that none of them ends a command midway.

Standard output may have an encoding without some characters, be full, or be closed; standard error
may be full. What cannot be written there is an error of its own, or is passed over.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import Literal, TextIO

from aligner._util.surrogates import REPLACEMENT, SURROGATE
from aligner.errors import OutputError

ESCAPES = "aligner-escapes"
"""Name of the error handler that writes what an encoding lacks as an escape of JSON."""
STDIN, STDOUT, STDERR = range(3)


def prepare() -> None:
    """Replace the standard streams; call it once, before anything is opened or printed.

    A stream that is closed gets a descriptor all the same, so that no file that is opened later
    takes its number. Reading or writing it is then an error, except for messages.
    """
    codecs.register_error(ESCAPES, _escaped)
    if sys.stdin is None:
        sys.stdin = _unusable(STDIN, os.O_WRONLY, "r")
    if sys.stdout is None:
        sys.stdout = _unusable(STDOUT, os.O_RDONLY, "w")
    if sys.stderr is None:
        sys.stderr = _unusable(STDERR, os.O_WRONLY, "w")
    sys.stdout = _replaced(sys.stdout, _Output)
    sys.stderr = _replaced(sys.stderr, _Messages)


def flush() -> None:
    """Write what is still to be written on standard output. Raises OutputError."""
    sys.stdout.flush()


class _Output(io.TextIOWrapper):
    """Standard output: a failure to write is an OutputError, once; the rest is then dropped."""

    def write(self, text: str, /) -> int:
        if text == "":  # click asks so whether text can be written; a full device refuses it
            return 0
        try:
            return super().write(text)
        except BrokenPipeError:  # whoever read it has enough: `aligner check ... | head`
            raise
        except OSError as error:
            raise self._failed(error) from error

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> OutputError:
        _point_nowhere(self.fileno())
        return OutputError("standard output", error.strerror or str(error))


class _Messages(io.TextIOWrapper):
    """Standard error: messages that cannot be written are dropped."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError:
            _point_nowhere(self.fileno())
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            _point_nowhere(self.fileno())


def _replaced(stream: TextIO, kind: type[io.TextIOWrapper]) -> TextIO:
    """Returns a stream of another kind over the same bytes; a test's stream stays as it is."""
    if type(stream) is not io.TextIOWrapper:
        return stream
    is_ascii = codecs.lookup(stream.encoding).name == "ascii"
    line_buffering, write_through = stream.line_buffering, stream.write_through
    encoding = "utf-8" if is_ascii else stream.encoding
    return kind(
        stream.detach(), encoding, ESCAPES,
        line_buffering=line_buffering, write_through=write_through,
    )  # fmt: skip


def _unusable(number: int, flags: int, mode: Literal["r", "w"]) -> TextIO:
    """Returns a stream on a descriptor that was closed; ``flags`` say what can be done with it."""
    handle = os.open(os.devnull, flags)
    if handle != number:
        os.dup2(handle, number)
        os.close(handle)
    return open(number, mode, encoding="utf-8", closefd=False)


def _point_nowhere(number: int) -> None:
    """Have a descriptor lead to the null device, so that what is buffered can be flushed."""
    handle = os.open(os.devnull, os.O_WRONLY)
    os.dup2(handle, number)
    os.close(handle)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Returns escapes of JSON for what an encoding lacks; a lone surrogate becomes U+FFFD.

    All characters of JSON beyond ASCII are in strings, so it stays valid and keeps its meaning.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = SURROGATE.sub(REPLACEMENT, error.object[error.start : error.end])
    units = text.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end
