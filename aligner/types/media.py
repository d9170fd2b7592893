"""Recordings that a page links, feed entries, and recordings on this disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from aligner.types.page import Document

MediaKind = Literal["video", "audio"]

Relation = Literal["article", "page", "other"]

"""Whose a recording is: the article's own, the page's (header, sidebar), or another story's."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One rendition of a recording."""

    url: str
    label: str | None = None
    """As the page names it: "64 kbps", "720p"."""
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """Captions, subtitles or a transcript that the page already offers for a recording."""

    url: str
    language: str | None = None
    """BCP 47 tag as the page declares it."""
    kind: str = "captions"
    """As HTML names it: captions, subtitles, descriptions; "transcript" for a feed's."""
    label: str | None = None
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class MediaLink:
    """A recording that the page links; all its qualities are one link."""

    url: str
    """The quality to take for captioning: the smallest that has the sound."""
    kind: MediaKind
    found_by: str
    """The way it was found: a name of ``discovery.sources.SOURCES``, or "given" for ``--media``."""
    quality: str | None = None
    declared_duration_ms: int | None = None
    title: str | None = None
    relation: Relation = "article"
    qualities: tuple[Rendition, ...] = ()
    why: str = ""
    """Why it stands where it stands among the candidates, as a clause for people."""
    tracks: tuple[Track, ...] = ()
    """The captions that the page offers with it."""
    score: int = 0
    """How surely it is this article's; for comparing the candidates of one page only."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One entry of a feed or of a sitemap: an article, perhaps with its recordings."""

    title: str | None
    url: str | None
    """The article's page."""
    media: tuple[MediaLink, ...] = ()
    text: str = ""
    """What the feed gives of the article, as HTML."""
    published: datetime | None = None
    """When it was published or last changed; with a time zone."""
    listed_in: str | None = None
    """The address or file of the feed or sitemap."""

    @property
    def name(self) -> str:
        """What it is called as a source: its page, else its recording, else its title."""
        return self.url or (self.media[0].url if self.media else "") or self.title or "?"


Source = str | FeedItem | Document

"""An article to look at: an address, a file, what a feed or sitemap says of it, or its page."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a list: a source, and what the list says of it."""

    source: Source
    """What stands in the place of one where ``trouble`` says that it is none."""
    in_list: str | None = None
    """The list's address or file; "-" for standard input."""
    line: int | None = None
    """Where the entry begins, from 1; None in JSON documents, feeds and sitemaps."""
    columns: Mapping[str, Any] = field(default_factory=dict)
    """The entry's other columns: text from a table, any value from JSON."""
    trouble: str | None = None
    """Why the entry names no source."""

    @property
    def place(self) -> str:
        """Where the entry stands, for people: "list.csv, line 3"; "" if it is of no list."""
        name = "standard input" if self.in_list == "-" else self.in_list
        return ", ".join(part for part in (name, self.line and f"line {self.line}") if part)


@dataclass(frozen=True, slots=True)
class DateRange:
    """A span of time, either end open; both ends belong to it."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, moment: datetime | None) -> bool:
        """Whether a moment lies within; an unknown one only where both ends are open."""
        if moment is None:
            return self.since is None and self.until is None
        late_enough = self.since is None or moment >= self.since
        return late_enough and (self.until is None or moment <= self.until)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A recording on this disk."""

    path: Path
    link: MediaLink
    duration_ms: int | None
    sha256: str
