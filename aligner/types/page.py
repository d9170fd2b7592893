"""A web page and the article in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Role = Literal["title", "summary", "body", "heading", "caption"]

"""What a paragraph is on the page; ``caption`` is a photo's caption, which nobody reads aloud."""


@dataclass(frozen=True, slots=True)
class Page:
    """What an address or a saved file holds.

    ``html`` is the decoded text; for ``content_type`` "text/plain" it is the page's text as a
    reader sees it. For a direct media address ``html`` is empty and ``content_type`` says
    which kind of media it is.
    """

    url: str | None
    """The address asked for; None for a saved page whose address nobody knows."""
    final_url: str | None
    """The address after redirects, against which relative addresses resolve."""
    html: str
    status: int
    content_type: str = "text/html"
    path: Path | None = None
    """The file of a saved page, beside which its recording may lie."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of an article, with single spaces and no line breaks."""

    text: str
    role: Role = "body"


@dataclass(frozen=True, slots=True)
class Article:
    """What the publisher wrote, in reading order, without menus, players and related links.

    The title is also the first paragraph (role "title") where there is one.
    """

    url: str | None
    title: str | None
    language: str | None
    """BCP 47 tag as the page declares it, primary subtag in lower case; None if it does not."""
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class PlayerMetadata:
    """What the page says of its media, whether or not there is any."""

    duration_ms: int | None = None
    title: str | None = None
    says_no_media: bool = False
    """The page shows a sentence such as "No media source currently available"."""


@dataclass(frozen=True, slots=True)
class Document:
    """A page or a text that is in memory already, as a source."""

    name: str
    """What it is called as a source."""
    page: Page
