"""Limits of reading a page in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass

LARGE_CHARS = 500_000
"""Pages from this length on are read in a process of their own. Its start takes half a second, and
handing a page over one percent of the time for reading it. Shorter pages are read within a few
seconds even if they are made to be slow."""


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Limits of one task; outside Linux and macOS only ``wall_s`` takes effect."""

    memory_bytes: int = 1 << 30
    """Address space. A page of 20 MB, the longest that are fetched, takes half of it if it is made
    of ordinary paragraphs."""
    cpu_s: int = 20
    wall_s: float = 120.0
    """Time without that in which the network is asked."""


DEFAULTS = PageLimits()
