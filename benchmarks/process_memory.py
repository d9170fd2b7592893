"""Samples the memory of the processes that this one has started, and of those that they started."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path


class ChildMemory:
    """The most memory that any descendant of this process takes within a block; needs /proc.

    Values are those of the kernel's own marks (VmPeak, VmHWM), so that none is missed of a process
    that lives for TICK_S. The processes that were there before count with their marks too.
    """

    TICK_S = 0.02

    def __init__(self, root: int | None = None, with_root: bool = False) -> None:
        self._root, self._with_root = root or os.getpid(), with_root
        self.address_mb = 0
        self.resident_mb = 0
        self.total_mb = 0
        """Resident memory of all together, at one time."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample_on, daemon=True)

    def __enter__(self) -> ChildMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def sample(self) -> None:
        """Look once more, at processes that have just ended their work."""
        total = 0
        for pid in descendants(self._root, self._with_root):
            with contextlib.suppress(OSError, ValueError, IndexError):
                status = Path(f"/proc/{pid}/status").read_text()
                self.address_mb = max(self.address_mb, _mb(status, "VmPeak"))
                self.resident_mb = max(self.resident_mb, _mb(status, "VmHWM"))
                total += _mb(status, "VmRSS")
        self.total_mb = max(self.total_mb, total)

    def _sample_on(self) -> None:
        while not self._ended.wait(self.TICK_S):
            self.sample()


def descendants(root: int, with_root: bool = False) -> list[int]:
    """The processes that a process has started, and that these have started."""
    found, todo = [root] if with_root else [], [root]
    while todo:
        for one in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                pids = [int(pid) for pid in one.read_text().split()]
                found += pids
                todo += pids
    return found


def _mb(status: str, mark: str) -> int:
    return int(status.partition(f"{mark}:")[2].split()[0]) >> 10
