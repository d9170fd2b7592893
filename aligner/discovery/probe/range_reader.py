"""An address -> a file to read from, of which only the parts that are read are fetched."""

from __future__ import annotations

import os

from aligner.discovery.probe.base import HEAD, Ask
from aligner.net.budget import BudgetExceeded
from aligner.types import PartialContent

LARGEST = 1 << 21


class RangedFile:
    """A file object for libav that fetches byte ranges on demand.

    It ends early where the server sends no more, or the budget is used up.
    """

    ended_early = False
    """Whether something was to be read that could not be fetched."""

    def __init__(self, first: PartialContent, ask: Ask) -> None:
        self._url, self._ask = first.url, ask
        self._parts = {0: first.data}
        self._in_parts = first.in_parts
        self._size = first.total if first.total is not None else len(first.data)
        self._is_cut = first.total is None and len(first.data) >= HEAD
        self._step = HEAD
        self._at = self._origin = 0

    def read(self, size: int = -1) -> bytes:
        """Raises PageUnavailable."""
        wanted = self._size - self._at if size < 0 else size
        data = self._held(wanted)
        if not data and wanted and self._may_ask():
            self._fetch()
            data = self._held(wanted)
        self.ended_early |= not data and wanted != 0 and (self._is_cut or self._at < self._size)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        bases = {os.SEEK_SET: self._origin, os.SEEK_CUR: self._at, os.SEEK_END: self._size}
        self._at = max(self._origin, bases[whence] + offset)
        return self.tell()

    def tell(self) -> int:
        return self._at - self._origin

    def leave_out(self, size: int) -> None:
        """Begin the file after its first ``size`` bytes."""
        self._at = self._origin = size

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    @property
    def seen(self) -> tuple[bytes, ...]:
        """The fetched parts, in order of arrival."""
        return tuple(self._parts.values())

    def _held(self, size: int) -> bytes:
        for start, data in self._parts.items():
            if start <= self._at < start + len(data):
                return data[self._at - start : self._at - start + size]
        return b""

    def _may_ask(self) -> bool:
        return self._in_parts and self._at < self._size

    def _fetch(self) -> None:
        """Fetch the part at the current offset; each part is twice as long as the last one."""
        try:
            piece = self._ask(self._url, self._at, min(self._step, self._size - self._at))
        except BudgetExceeded:
            self._in_parts = False
            return
        self._step = min(self._step * 2, LARGEST)
        if piece.status == 206 and piece.data:
            self._parts[piece.start] = piece.data
        else:
            self._in_parts = False
