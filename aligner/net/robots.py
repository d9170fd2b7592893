"""Read robots.txt (RFC 9309): which pages of a site programs may read, and how often.

The rules themselves are read by protego, Scrapy's parser. This file decides what an answer that
is not a file of rules means, and remembers the rules of each site.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

from aligner.errors import AddressRefused, PageUnavailable
from aligner.types import PartialContent

NAME = "aligner"
"""The product token: the name of this program in a ``User-agent`` line."""
MAX_BYTES = 512_000
"""Bytes of a robots.txt that are read; RFC 9309, section 2.5, asks for at least 500 KiB."""
MOST_SITES = 256
"""Sites whose rules are remembered."""
RULES_S = 24 * 3600.0
"""Seconds for which rules are remembered (RFC 9309, section 2.4)."""
FAILURE_S = 120.0
"""Seconds for which it is remembered that a robots.txt could not be read."""


@dataclass(slots=True)
class _Site:
    lock: threading.Lock = field(default_factory=threading.Lock)
    rules: Protego | None = None
    failure: PageUnavailable | None = None
    """Why there are no rules: the server fails, or cannot be reached."""
    until: float = 0.0
    """Until when rules or failure hold, by the clock."""


class Robots:
    """The rules of the sites of one run. Threads may share it.

    ``ask`` fetches bytes of an address (``Session.fetch_range``); ``slow_down`` is told a site's
    address and the seconds that its rules want between two requests.
    """

    def __init__(
        self,
        ask: Callable[[str, int, int], PartialContent],
        slow_down: Callable[[str, float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._slow_down, self._clock = ask, slow_down, clock
        self._sites: dict[str, _Site] = {}
        self._lock = threading.Lock()

    def allow(self, url: str) -> bool:
        """Return whether the site's rules let this program read a page.

        Raises PageUnavailable if the server fails to show its rules (status 5xx) or cannot be
        reached: then nothing of the site may be read (RFC 9309, section 2.3.1.4).
        """
        parts = urlsplit(url)
        name = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            site = self._sites.setdefault(name, _Site())
            if len(self._sites) > MOST_SITES:
                del self._sites[next(iter(self._sites))]
        with site.lock:
            if site.until <= self._clock():
                self._read(name, site)
            rules, failure = site.rules, site.failure
        if failure:  # the site's is the page's too
            raise PageUnavailable(url, failure.why, failure.http_status, failure.state)
        assert rules  # noqa: S101  a site without rules has a failure
        return rules.can_fetch(url, NAME)

    def _read(self, name: str, site: _Site) -> None:
        """Fetch the rules of a site and keep them with it."""
        site.rules, site.failure = None, None
        try:
            site.rules = _rules(self._ask(f"{name}/robots.txt", 0, MAX_BYTES))
        except AddressRefused:  # the request for the page itself is refused with its own reason
            site.rules = Protego.parse("")
        except PageUnavailable as error:
            site.failure = error
        site.until = self._clock() + (RULES_S if site.rules else FAILURE_S)
        delay_s = site.rules.crawl_delay(NAME) if site.rules else None
        if delay_s and self._slow_down:
            self._slow_down(name, delay_s)


def _rules(answer: PartialContent) -> Protego:
    """Return the rules that an answer holds; without a file (status 4xx) everything is allowed.

    Raises PageUnavailable for a status of 500 and more.
    """
    if answer.status >= 500:
        why = f"the site fails to show its robots.txt ({answer.status}); try again later"
        raise PageUnavailable(answer.url, f"{why}, or see --ignore-robots", answer.status)
    if answer.status not in (200, 206):
        return Protego.parse("")
    data = answer.data
    if len(data) >= MAX_BYTES:  # the last line may be cut, and half a rule is another rule
        data = data[: data.rfind(b"\n") + 1]
    return Protego.parse(data.decode("utf-8-sig", "replace"))
