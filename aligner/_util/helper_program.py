"""What programs have in common that ``helper_process.py`` runs: messages, and limits of their work.

A frame is its length (4 bytes, big-endian), and so many bytes: a letter and a content. The program
sends READY when it can work, and then gets requests, one after the other, each as a frame without
a letter. For what it lacks it sends ASK, and gets a frame without a letter, or FAILED. Its answer
is DONE, or LAST if it is not to be used again. It ends when its input ends, or after IDLE_S
without any.
"""

from __future__ import annotations

import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

READY, ASK, DONE, LAST = b"r", b"a", b"d", b"l"
FAILED = b"\xff" * 4
"""Stands in place of a frame's length: what is asked for cannot be had."""
IDLE_S = 30


class NotGiven(Exception):
    """The parent cannot give what is asked for."""


class Parent:
    """The process that has started this program, and gives it work."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing

    def ask(self, content: bytes) -> bytes:
        """Returns what the parent has for a content. Raises NotGiven."""
        self.send(ASK, content)
        given = self.received()
        if given is None:
            raise NotGiven
        return given

    def send(self, letter: bytes, content: bytes = b"") -> None:
        self._outgoing.write(struct.pack(">I", 1 + len(content)) + letter + content)
        self._outgoing.flush()

    def received(self) -> bytes | None:
        """Returns the next content; None at the end, and for FAILED."""
        head = self._incoming.read(4)
        if len(head) < 4 or head == FAILED:
            return None
        (size,) = struct.unpack(">I", head)
        data = self._incoming.read(size)
        return data if len(data) == size else None


def serve(
    answer: Callable[[bytes, Parent], tuple[bytes, bool]], prepare: Callable[[], None], memory: int
) -> None:
    """Answer requests until there are no more.

    ``answer`` returns a content, and whether the program may be used again; ``prepare`` imports
    what the first request would wait for; ``memory`` is the highest limit of address space.
    """
    parent = Parent(sys.stdin.buffer, sys.stdout.buffer)
    sys.stdout = sys.stderr  # for what libraries print
    with suppress(ValueError, AttributeError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    limit_memory(memory, memory)
    prepare()
    parent.send(READY)
    while True:
        _alarm(IDLE_S)
        request = parent.received()
        _alarm(0)
        if request is None:
            return
        content, is_usable = answer(request, parent)
        parent.send(DONE if is_usable else LAST, content)


def limit_memory(size: int, highest: int) -> None:
    """Limit the address space, where the system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        top = highest if hard == resource.RLIM_INFINITY else min(hard, highest)
        resource.setrlimit(resource.RLIMIT_AS, (min(size, top), top))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_cpu(seconds: int) -> None:
    """Limit the CPU time from now on, where the system can; beyond it the process is killed."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
        soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def resident_bytes() -> int:
    """Returns the most memory that this process has taken; 0 where the system does not tell.

    On Linux ``ru_maxrss`` is of no use: a program takes it over from the process that starts it.
    """
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123  fewer imports
            return int(status.read().partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        return 0


def _alarm(seconds: int) -> None:
    """End this process after so many seconds, where the system can; 0 for never."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)
