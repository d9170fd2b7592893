"""Recordings that a page links, entries of feeds and lists, and recordings on this disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from aligner.types.page import Document, Referrer

MediaKind = Literal["video", "audio"]

Relation = Literal["article", "page", "other"]

"""Whether a recording belongs to the article, the page (header, sidebar), or another story."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One rendition of a recording."""

    url: str
    label: str | None = None
    """The page's name for it, such as "64 kbps" or "720p"."""
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """Captions, subtitles or a transcript that the page already offers for a recording."""

    url: str
    language: str | None = None
    """BCP 47 tag as the page declares it."""
    kind: str = "captions"
    """HTML's kind: captions, subtitles, descriptions; or "transcript", from a feed."""
    label: str | None = None
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class MediaLink:
    """A recording that the page links, with all its renditions."""

    url: str
    """The rendition to caption: the smallest that has the audio."""
    kind: MediaKind
    found_by: str
    """Which source found it, a name of ``discovery.sources.SOURCES``; "given" for ``--media``."""
    quality: str | None = None
    declared_duration_ms: int | None = None
    title: str | None = None
    relation: Relation = "article"
    qualities: tuple[Rendition, ...] = ()
    why: str = ""
    """The reason for its rank among the candidates, as a clause for people."""
    tracks: tuple[Track, ...] = ()
    """Captions that the page offers with it."""
    score: int = 0
    """How likely it is this article's; comparable only between candidates of one page."""
    referrer: Referrer | None = None
    """The page that links it, as requests for it say."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An entry of a feed or sitemap: an article, possibly with its recordings."""

    title: str | None
    url: str | None
    """The article's page."""
    media: tuple[MediaLink, ...] = ()
    text: str = ""
    """The feed's own text of the article, as HTML."""
    published: datetime | None = None
    """When it was published or last changed; with a time zone."""
    listed_in: str | None = None
    """The address or file of the feed or sitemap."""

    @property
    def name(self) -> str:
        """Its name as a source: the page's address, else the recording's, else the title."""
        return self.url or (self.media[0].url if self.media else "") or self.title or "?"


Source = str | FeedItem | Document

"""Where an article comes from: an address or a file, an entry of a feed or sitemap, or a page in
memory."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a list of sources."""

    source: Source
    """The source; if ``trouble`` is set, the invalid entry."""
    in_list: str | None = None
    """The list's address or file; "-" for standard input."""
    line: int | None = None
    """Where the entry begins, from 1; None in JSON documents, feeds and sitemaps."""
    columns: Mapping[str, Any] = field(default_factory=dict)
    """The entry's other columns: text from a table, any value from JSON."""
    trouble: str | None = None
    """Why the entry is not a valid source."""

    @property
    def place(self) -> str:
        """The entry's position, for people: "list.csv, line 3"; "" if there is no list."""
        name = "standard input" if self.in_list == "-" else self.in_list
        return ", ".join(part for part in (name, self.line and f"line {self.line}") if part)


@dataclass(frozen=True, slots=True)
class DateRange:
    """A range of time that includes its ends; None leaves an end open."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, moment: datetime | None) -> bool:
        """Whether a time is in the range; None is only in a range with both ends open."""
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
    """How long it is at least, by its manifest; None if there is none."""
    sha256: str
    unreadable_ms: int = 0
    """The length of the parts of a stream that could not be read, and are silent."""
