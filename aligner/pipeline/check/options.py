"""The options of checking."""

from __future__ import annotations

from dataclasses import dataclass, field

from aligner import defaults
from aligner.net import client
from aligner.pipeline.options import polite_web_options
from aligner.types import DateRange

ALWAYS = DateRange()


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How articles are checked."""

    probe: bool = True
    """Whether to request parts of the candidate recordings."""
    all_candidates: bool = False
    """Whether to list recordings of the page and of other stories too."""
    embeds: bool = True
    """Whether yt-dlp may request the sites of embedded players, and pages without other media."""
    web: client.WebOptions = field(default_factory=polite_web_options)
    """The web options; ``allow_private`` and ``net`` are taken from ``Options``."""
    jobs: int = defaults.JOBS
    """Sources checked at the same time."""
    sitemaps: tuple[str, ...] = ()
    """Sitemaps whose articles are checked too."""
    window: DateRange = ALWAYS
    """When articles of feeds and sitemaps must have been published."""
