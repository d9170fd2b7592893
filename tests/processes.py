"""Which programs this process has started, and how much memory they take."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path


def running(program: str) -> list[str]:
    """Children of this process that still run and whose command names a program; needs /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            command = (stat.parent / "cmdline").read_bytes().decode(errors="replace")
            if int(parent) == os.getpid() and state != "Z" and program in command:
                found.append(stat.parent.name)
    return found


@contextlib.contextmanager
def watched(*programs: str) -> Iterator[list[int]]:
    """The most resident bytes of each process of some programs, as the kernel noted them."""
    most: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            for pid in (pid for program in programs for pid in running(program)):
                with contextlib.suppress(OSError, ValueError, IndexError):
                    status = Path(f"/proc/{pid}/status").read_text()
                    most.append(int(status.partition("VmHWM:")[2].split()[0]) << 10)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield most
    finally:
        over.set()
        looking.join()
