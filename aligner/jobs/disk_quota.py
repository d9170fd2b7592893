"""The quota of disk space for recordings: a download begins only while space is left."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

from aligner.jobs.staged_executor import TICK_S, RunStopped


class DiskQuota:
    """Counts the bytes that items hold on the disk; threads share it.

    The size of a download is not known before it begins, so each download under way may exceed
    the limit by its own recording.
    """

    def __init__(self, limit: int, stopping: Callable[[], bool]) -> None:
        self._limit, self._stopping = limit, stopping
        self._held: dict[int, int] = {}
        self._changed = Condition()

    def enter(self, item: int) -> None:
        """Wait until space is left, or no other item holds any. Raises RunStopped."""
        with self._changed:
            while self._held.keys() - {item} and sum(self._held.values()) >= self._limit:
                if self._stopping():
                    raise RunStopped
                self._changed.wait(TICK_S)
            self._held.setdefault(item, 0)

    def hold(self, item: int, size: int) -> None:
        """Record that an item holds ``size`` bytes."""
        with self._changed:
            self._held[item] = size

    def release(self, item: int) -> None:
        """Record that an item's files are deleted."""
        with self._changed:
            self._held.pop(item, None)
            self._changed.notify_all()
