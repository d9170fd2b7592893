"""Limits requests per host: how many at once, how far apart, and how long to wait.

All threads of a run share one ``HostThrottle``, for aligner's own requests and those of yt-dlp.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf

RETRY_STATUSES = frozenset((429, 502, 503, 504))
"""Statuses that may pass: the request is repeated."""


def backoff_s(attempt: int) -> float:
    """Returns the seconds before the next attempt: exponential backoff with jitter."""
    return float(random.uniform(0.25, 0.5) * 2 ** (attempt - 1))  # noqa: S311  not a secret


class RetryAfterTooLong(Exception):
    """A host asks for a longer wait (Retry-After) than is allowed."""

    def __init__(self, host: str, seconds: float) -> None:
        self.host, self.seconds = host, seconds
        super().__init__(f"{host} asks to wait {seconds:.0f} s")


@dataclass(frozen=True, slots=True)
class Waited:
    """How long a request waited, in seconds."""

    turn_s: float = 0.0
    """For other requests, and for the pause between two of them."""
    pause_s: float = 0.0
    """Because the host asked for it (Retry-After)."""


@dataclass(slots=True)
class _Host:
    busy: int = 0
    free_at: float = 0.0
    """When the next request may start, by the monotonic clock."""
    held_until: float = 0.0
    """The same, as the host asked for it."""


class HostThrottle:
    """Makes requests wait until their host may be asked."""

    def __init__(self, per_host: int, delay_s: float, longest_wait_s: float) -> None:
        self._per_host, self._delay_s, self._longest_wait_s = per_host, delay_s, longest_wait_s
        self._hosts: dict[str, _Host] = {}
        self._crawl_delay_s: dict[str, float] = {}
        """Seconds between two requests by each host's Crawl-delay."""
        self._changed = threading.Condition()

    def enter(self, host: str, patience_s: float = inf) -> Waited:
        """Wait until a host may be asked; returns how long that took.

        Raises RetryAfterTooLong if the host asks for a longer wait than allowed, or than
        ``patience_s``. Each call is followed by one of ``leave``.
        """
        began = time.monotonic()
        pauses_s = 0.0
        with self._changed:
            while True:
                state = self._hosts.setdefault(host, _Host())
                now = time.monotonic()
                held_s, spaced_s = state.held_until - now, state.free_at - now
                if held_s > min(self._longest_wait_s, patience_s - pauses_s):
                    raise RetryAfterTooLong(host, held_s)
                if held_s > 0:
                    self._changed.wait(held_s)
                    pauses_s += time.monotonic() - now
                elif state.busy >= self._per_host:
                    self._changed.wait()
                elif spaced_s > 0:
                    self._changed.wait(spaced_s)
                else:
                    state.busy += 1
                    state.free_at = now + max(self._delay_s, self._crawl_delay_s.get(host, 0.0))
                    return Waited(now - began - pauses_s, pauses_s)

    def leave(self, host: str) -> None:
        """End a request that ``enter`` has allowed."""
        with self._changed:
            state = self._hosts[host]
            state.busy -= 1
            if not state.busy and max(state.free_at, state.held_until) <= time.monotonic():
                del self._hosts[host]  # keeps the table small in long runs
            self._changed.notify_all()

    def observe(self, host: str, status: int, retry_after: str | None) -> None:
        """Hold the host if its answer asks for that (Retry-After with status 429 or 503)."""
        seconds = retry_after_s(retry_after)
        if status in (429, 503) and seconds:
            self.hold(host, seconds)

    def slow_down(self, host: str, delay_s: float) -> None:
        """Keep at least ``delay_s`` between two requests to a host, at most ``longest_wait_s``."""
        with self._changed:
            self._crawl_delay_s[host] = min(delay_s, self._longest_wait_s)

    def hold(self, host: str, seconds: float) -> None:
        """Start no request to a host for some seconds."""
        with self._changed:
            state = self._hosts.setdefault(host, _Host())
            state.held_until = max(state.held_until, time.monotonic() + seconds)


def retry_after_s(header: str | None) -> float | None:
    """Returns the seconds that a Retry-After header asks for; None without a valid one."""
    text = (header or "").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # OverflowError: a year with too many digits
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
