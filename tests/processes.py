"""Which programs this process has started."""

from __future__ import annotations

import contextlib
import os
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
