"""A web page and the article in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Role = Literal["title", "summary", "body", "heading", "caption", "sound", "direction"]

"""A paragraph's role on the page. ``caption`` is a photo's caption; in a script ``sound`` is a cue
that names a sound ("[MUSIC]") and ``direction`` a stage direction ("(He sits down.)")."""

NOT_READ_ALOUD: frozenset[Role] = frozenset(("caption", "sound", "direction"))
"""Roles of paragraphs whose words nobody says."""


@dataclass(frozen=True, slots=True)
class Referrer:
    """The page on whose behalf its recordings are requested."""

    url: str
    """The page's address."""
    policy: str = "strict-origin-when-cross-origin"
    """Its referrer policy (W3C), by default that of browsers."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of an article, with single spaces and no line breaks."""

    text: str
    role: Role = "body"
    speaker: str | None = None
    """Whose words a script says they are ("MAYOR BRADLEY"); the label is not part of ``text``."""
    cues: tuple[str, ...] = ()
    """Sound cues and stage directions that the script has within the paragraph, as it prints them;
    they are not part of ``text`` either."""


@dataclass(frozen=True, slots=True)
class Page:
    """The contents of an address or a saved file.

    ``html`` is the decoded markup, or plain text if ``content_type`` is "text/plain". If the
    address is a recording itself, ``html`` is empty and ``content_type`` is the recording's.
    """

    url: str | None
    """The address requested; None for a saved page whose address is unknown."""
    final_url: str | None
    """The address after redirects, against which relative addresses resolve."""
    html: str
    status: int
    content_type: str = "text/html"
    path: Path | None = None
    """The file of a saved page; its recording may be in the same folder."""
    referrer_policy: str | None = None
    """The Referrer-Policy header."""
    paragraphs: tuple[Paragraph, ...] | None = None
    """The paragraphs of a document or of captions, which have no markup of a page; ``html`` is
    their text then. None for pages and plain texts."""
    language: str | None = None
    """The BCP 47 tag that a document or captions declare; a page's is read from its markup."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article's text in reading order, without menus, players and related links.

    The title, if there is one, is also the first paragraph (role "title").
    """

    url: str | None
    title: str | None
    language: str | None
    """The BCP 47 tag that the page declares, primary subtag in lower case; None if it has none."""
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class PlayerMetadata:
    """What the page says about its media, whether or not there is any."""

    duration_ms: int | None = None
    title: str | None = None
    says_no_media: bool = False
    """The page shows a sentence such as "No media source currently available"."""


@dataclass(frozen=True, slots=True)
class Document:
    """A page or text in memory, as a source."""

    name: str
    """Its name in results."""
    page: Page
