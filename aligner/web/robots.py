"""Addresses -> which of them the site's robots.txt (RFC 9309) asks programs not to read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from aligner.errors import PageUnavailable
from aligner.nouns import Piece

NAME = "aligner"
"""What robots.txt may call us."""
MAX_BYTES = 500_000
"""RFC 9309, section 2.5, asks for no less than 500 KiB to be read."""


class Robots:
    """What the sites of a run ask for; each is asked once."""

    def __init__(self, ask: Callable[[str, int, int], Piece]) -> None:
        self._ask = ask
        self._sites: dict[str, RobotFileParser] = {}
        self._lock = threading.Lock()

    def allow(self, url: str) -> bool:
        """Whether a page may be read."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            rules = self._sites.get(site)
        if rules is None:
            rules = self._rules(site)
            with self._lock:
                self._sites[site] = rules
        return rules.can_fetch(NAME, url)

    def _rules(self, site: str) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            answer = self._ask(f"{site}/robots.txt", 0, MAX_BYTES)
        except PageUnavailable:  # asking for the page itself will tell what is wrong
            rules.parse(())
            return rules
        said = answer.data.decode("utf-8", "replace") if answer.status in (200, 206) else ""
        # A site that is failing is to be left alone (section 2.3.1.4).
        rules.parse(
            "User-agent: *\nDisallow: /".split("\n") if answer.status >= 500 else said.splitlines()
        )
        return rules
