"""How much of the disk recordings may take: a download begins only while there is room."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

from aligner.jobs.staged_executor import TICK_S, RunStopped


class Budget:
    """Bytes that items hold on the disk; threads share it.

    What a download will take is not known before: so those under way may exceed the limit, each
    by one recording.
    """

    def __init__(self, limit: int, stopping: Callable[[], bool]) -> None:
        self._limit, self._stopping = limit, stopping
        self._held: dict[int, int] = {}
        self._changed = Condition()

    def enter(self, item: int) -> None:
        """Wait until there is room, or nobody else holds any. Raises Stopped."""
        with self._changed:
            while self._held.keys() - {item} and sum(self._held.values()) >= self._limit:
                if self._stopping():
                    raise RunStopped
                self._changed.wait(TICK_S)
            self._held.setdefault(item, 0)

    def hold(self, item: int, size: int) -> None:
        """An item holds so many bytes now."""
        with self._changed:
            self._held[item] = size

    def leave(self, item: int) -> None:
        """An item's files are gone."""
        with self._changed:
            self._held.pop(item, None)
            self._changed.notify_all()
