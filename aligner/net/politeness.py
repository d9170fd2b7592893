"""Hosts -> when each may be asked: how many requests at once, how far apart, and when to wait.

One ``HostThrottle`` is shared by all threads of a run, by our own requests and by yt-dlp's.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

TRY_AGAIN = frozenset((429, 502, 503, 504))
"""Answers that may be others a moment later."""


def backoff_s(attempt: int) -> float:
    """Seconds before the next try: doubling, and different for everybody."""
    return float(random.uniform(0.25, 0.5) * 2 ** (attempt - 1))  # noqa: S311  not a secret


class RetryAfterTooLong(Exception):
    """A host asked to be left alone for longer than we wait."""

    def __init__(self, host: str, seconds: float) -> None:
        self.host, self.seconds = host, seconds
        super().__init__(f"{host} asks to wait {seconds:.0f} s")


@dataclass(slots=True)
class _Host:
    busy: int = 0
    free_at: float = 0.0
    """When it may be asked next, by the monotonic clock."""


class HostThrottle:
    """Who may be asked now."""

    def __init__(self, per_host: int, delay_s: float, longest_wait_s: float) -> None:
        self._per_host, self._delay_s, self._longest_wait_s = per_host, delay_s, longest_wait_s
        self._hosts: dict[str, _Host] = {}
        self._declared_s: dict[str, float] = {}
        """Seconds between two requests that hosts ask for (Crawl-delay)."""
        self._changed = threading.Condition()

    def enter(self, host: str) -> float:
        """Wait for a turn at a host -> the seconds waited. Raises HeldOff."""
        began = time.monotonic()
        with self._changed:
            while True:
                known = self._hosts.setdefault(host, _Host())
                now = time.monotonic()
                pause = known.free_at - now
                if pause > max(self._longest_wait_s, self._delay_s):
                    raise RetryAfterTooLong(host, pause)
                if known.busy >= self._per_host:
                    self._changed.wait()
                elif pause > 0:
                    self._changed.wait(pause)
                else:
                    known.busy += 1
                    known.free_at = now + max(self._delay_s, self._declared_s.get(host, 0.0))
                    return now - began

    def leave(self, host: str) -> None:
        """The turn is over."""
        with self._changed:
            known = self._hosts[host]
            known.busy -= 1
            if not known.busy and known.free_at <= time.monotonic():
                del self._hosts[host]  # so that a long run does not remember every host
            self._changed.notify_all()

    def heed(self, host: str, status: int, retry_after: str | None) -> None:
        """Wait as long as an answer asks for, which need not be this thread's next request."""
        seconds = retry_after_s(retry_after)
        if status in (429, 503) and seconds:
            self.hold(host, seconds)

    def slow_down(self, host: str, delay_s: float) -> None:
        """Keep at least ``delay_s`` between two requests to a host, at most ``longest_wait_s``."""
        with self._changed:
            self._declared_s[host] = min(delay_s, self._longest_wait_s)

    def hold(self, host: str, seconds: float) -> None:
        """The host asks to be left alone for so long."""
        with self._changed:
            known = self._hosts.setdefault(host, _Host())
            known.free_at = max(known.free_at, time.monotonic() + seconds)


def retry_after_s(header: str | None) -> float | None:
    """A Retry-After header -> seconds from now; None if there is none that can be read."""
    text = (header or "").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter of a year with too many digits
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
