"""Addresses -> which of them the site's robots.txt (RFC 9309) asks programs not to read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from urllib.robotparser import RobotFileParser

from aligner.errors import PageUnavailable
from aligner.types import PartialContent

NAME = "aligner"
"""What robots.txt may call us."""
MAX_BYTES = 500_000
"""RFC 9309, section 2.5, asks for no less than 500 KiB to be read."""


MOST_SITES = 256
"""How many sites' rules are remembered."""


@dataclass(slots=True)
class _Site:
    lock: threading.Lock = field(default_factory=threading.Lock)
    rules: RobotFileParser | None = None


class Robots:
    """What the sites of a run ask for; each is asked once, unless there are very many."""

    def __init__(self, ask: Callable[[str, int, int], PartialContent]) -> None:
        self._ask = ask
        self._sites: dict[str, _Site] = {}
        self._lock = threading.Lock()

    def allow(self, url: str) -> bool:
        """Whether a page may be read."""
        parts = urlsplit(url)
        name = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            site = self._sites.setdefault(name, _Site())
            if len(self._sites) > MOST_SITES:
                del self._sites[next(iter(self._sites))]
        with site.lock:
            site.rules = site.rules or self._rules(name)
            return site.rules.can_fetch(NAME, url)

    def _rules(self, site: str) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            answer = self._ask(f"{site}/robots.txt", 0, MAX_BYTES)
        except PageUnavailable:  # asking for the page itself will tell what is wrong
            rules.parse(())
            return rules
        said = answer.data.decode("utf-8", "replace") if answer.status in (200, 206) else ""
        if answer.status >= 500:  # a site that is failing is to be left alone (section 2.3.1.4)
            said = "User-agent: *\nDisallow: /"
        rules.parse([line for line in said.splitlines() if _is_plain(line)])
        return rules


def _is_plain(line: str) -> bool:
    """Whether a line is empty, or a rule with a path that can be one.

    What else there may be is not heeded here, and has the standard library's parser fail.
    """
    key, _, value = line.partition("#")[0].partition(":")
    try:
        urlsplit(value.strip())
        urlsplit(unquote(value.strip()))
    except ValueError:
        return False
    return key.strip().lower() in ("", "user-agent", "allow", "disallow")
