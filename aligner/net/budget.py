"""Budgets of requests, bytes and time, which every request within a block shares.

    with limited(BudgetLimits(requests=50, bytes=32_000_000, seconds=60)):
        ...  # requests of aligner and of yt-dlp

Budgets nest: a request counts for each one that is open in its thread. The clients spend them
beneath their sockets, so that no caller can forget them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from typing import NoReturn

SHORTEST_WAIT_S = 0.001
"""A time-out of 0 would mean not to wait at all."""


WINDOW_S = 60.0


class BudgetExceeded(OSError):
    """A limit is reached; ``str()`` names it."""


@dataclass(frozen=True, slots=True)
class BudgetLimits:
    """How much may be requested within a block."""

    requests: float = inf
    """Requests, counting each redirect and repetition."""
    bytes: float = inf
    """Received bytes of all answers, and of those that are packed the unpacked ones too."""
    answer_bytes: float = inf
    """The same of one answer."""
    seconds: float = inf
    """Waiting for one's turn at a host does not count."""
    least_bytes: int = 0
    """What must arrive every ``WINDOW_S`` seconds: a server that drips causes no other timeout."""


class Budget:
    """What is left of some limits, and of those of the budget around it."""

    def __init__(self, limits: BudgetLimits, outer: Budget | None = None) -> None:
        self._limits, self._outer = limits, outer
        self._requests, self.received, self._answer = 0, 0, 0
        """Requests, bytes of all answers, and bytes of the last one."""
        self._end = time.monotonic() + limits.seconds
        self._window = (time.monotonic(), 0)
        """When the last window began, and the bytes that had arrived before it."""
        self._exceeded: BudgetExceeded | None = None

    @property
    def exceeded(self) -> BudgetExceeded | None:
        """The first limit that was reached, also if somebody hid the error; else None."""
        return self._exceeded or (self._outer.exceeded if self._outer else None)

    def seconds_left(self) -> float:
        """Returns the time that is left; 0 if there is none."""
        left = max(0.0, self._end - time.monotonic())
        return min(left, self._outer.seconds_left()) if self._outer else left

    def extend(self, seconds: float) -> None:
        """Add time that does not count."""
        self._end += seconds
        if self._outer:
            self._outer.extend(seconds)

    def begin_request(self) -> None:
        """Count a request. Raises BudgetExceeded."""
        self._requests += 1
        self._answer = 0
        if self._requests > self._limits.requests:
            self._exceed(f"it takes more than {self._limits.requests:.0f} requests")
        self.expect_time()
        if self._outer:
            self._outer.begin_request()

    def receive(self, size: int) -> None:
        """Count bytes of an answer. Raises BudgetExceeded."""
        self.received += size
        self._answer += size
        if self._answer > self._limits.answer_bytes:
            self._exceed(f"an answer has more than {self._limits.answer_bytes / 1e6:.0f} MB")
        if self.received > self._limits.bytes:
            self._exceed(f"it takes more than {self._limits.bytes / 1e6:.0f} MB")
        if self._outer:
            self._outer.receive(size)

    def wait(self, at_most_s: float) -> float:
        """Returns the seconds that a step may wait. Raises BudgetExceeded if none are left."""
        self.expect_time()
        return max(min(at_most_s, self.seconds_left()), SHORTEST_WAIT_S)

    def expect_time(self) -> None:
        """Raises BudgetExceeded if the time is over, or too little arrives."""
        now = time.monotonic()
        if now >= self._end:
            self._exceed(f"it takes more than {_duration(self._limits.seconds)}")
        began, before = self._window
        if now - began >= WINDOW_S:
            if self.received - before < self._limits.least_bytes:
                least = self._limits.least_bytes / 1000
                self._exceed(f"less than {least:.0f} kB of it arrive in {_duration(WINDOW_S)}")
            self._window = (now, self.received)
        if self._outer:
            self._outer.expect_time()

    def _exceed(self, why: str) -> NoReturn:
        self._exceeded = BudgetExceeded(why)
        raise self._exceeded


def _duration(seconds: float) -> str:
    return f"{seconds / 3600:g} hours" if seconds >= 3600 else f"{seconds:g} s"


_open: ContextVar[Budget | None] = ContextVar("budget", default=None)
NO_BUDGET = Budget(BudgetLimits())


def current() -> Budget:
    """Returns the innermost budget of this thread; one without limits if none is open."""
    return _open.get() or NO_BUDGET


@contextmanager
def limited(limits: BudgetLimits) -> Iterator[Budget]:
    """Hold all requests within the block to some limits, and to those around it."""
    with _opened(Budget(limits, _open.get())) as budget:
        yield budget


ENOUGH = 1_000_000
"""Bytes of a download from which on its time does not count for the search that led to it."""


@contextmanager
def apart(limits: BudgetLimits) -> Iterator[Budget]:
    """Hold all requests within the block to these limits alone: those of a download.

    The time for a download that received something does not count for the budgets around it.
    """
    outer, began = current(), time.monotonic()
    budget = Budget(limits)
    try:
        with _opened(budget):
            yield budget
    finally:
        if budget.received >= ENOUGH:
            outer.extend(time.monotonic() - began)


@contextmanager
def _opened(budget: Budget) -> Iterator[Budget]:
    token = _open.set(budget)
    try:
        yield budget
    finally:
        _open.reset(token)
