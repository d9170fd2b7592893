"""Tells what this machine lacks (disk, open files) from faults of pages and recordings."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from aligner._util.atomic_write import reason

ERRNOS = frozenset((
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EMFILE, errno.ENFILE,
))  # fmt: skip
"""Errors that only this machine causes, never a server or the content of a file. (Memory is not
among them: a file can make a program use all of it.)"""


def machine_fault(error: BaseException) -> str | None:
    """Returns what this machine lacks, if that has caused an error, as a clause for people."""
    for cause in causes(error):
        number = getattr(cause, "errno", None)  # PyAV has errors with one that are no OSError
        if number in ERRNOS:
            return reason(OSError(number, ""))
    return None


def is_out_of_memory(error: BaseException) -> bool:
    """Returns whether an error says that memory or address space did not suffice."""
    return isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes, which yt-dlp and Python keep in different attributes."""
    seen: list[BaseException] = []
    todo = [error]
    while todo:
        one = todo.pop(0)
        if isinstance(one, BaseException) and not any(one is s for s in seen):
            seen.append(one)
            exc_info = getattr(one, "exc_info", None) or (None, None)
            todo += [exc_info[1], getattr(one, "cause", None), one.__cause__, one.__context__]
    yield from seen
