"""A link -> the same, judged: is it this article's recording, and why.

The place on the page is judged where the link was found. Here come the things that hold for all
ways: live channels, previews, the title, the file's name, the length. Points only compare
the candidates of one page; they were set on a few dozen saved news pages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from aligner.discovery.sources.base import Document
from aligner.net.guard import is_http_url
from aligner.types import MediaLink, Relation

LIVE = re.compile(
    r"/Navigation/Live|[/_-]live[/_-]?(?:audio|video|stream|radio|tv)?[/_.-].*\.(?:m3u8|mpd|mp3|aac)"
    r"|//(?:live|livestream|icecast|shoutcast)[\w-]*\.|/icecast|/;stream|listen\.pls"
    r"|//(?:stream|streaming|radio)[\w-]*\.[^/]+/(?:[^./?]+/)*[^./?]*$",
    re.IGNORECASE,
)
PREVIEW = re.compile(
    r"preview|trailer|[-_/]thumb|hover|teaser|sprite|viwindow|[-_/]loop[-_.]|background[-_]?video"
    r"|[-_/]intro\.|bumper|jingle|stinger",
    re.IGNORECASE,
)
"""Words in addresses of a few silent seconds shown before or behind something."""
READING = re.compile(
    r"text[-_]?to[-_]?speech|[-_/]tts[-_/.]|polly|audio[-_]?(?:article|note|nota|story)|read[-_]?aloud"
    r"|listen|narrat|narrado|vorlese|escucha|ecouter",
    re.IGNORECASE,
)
PROGRAMME = re.compile(
    r"latest[-_ ](?:news|bulletin|headlines)|news[-_ ]?(?:bulletin|cast)\b|news[-_ ]headlines",
    re.IGNORECASE,
)
"""Names of a site's news programme, which stands beside every article."""
WORD = re.compile(r"\w+")
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts without spaces between words: Thai, Lao, Khmer, Kana, Han."""
MIN_LETTERS = 4
"""Shorter words say too little."""
ALIKE_POINTS = 30
ALIKE = 0.5
"""Titles are alike that share so much of the shorter one, and two words."""
WORDS_A_MINUTE = 160
SHORT_MS = 12_000
FITTING = (0.5, 1.8)
"""The length against the time that reading the text aloud takes."""
Point = tuple[int, str]
"""How much a sign counts, and a clause for people ("" if there is nothing to say)."""


class LinkRanker:
    """What is known of the page, to compare its links with."""

    def __init__(self, document: Document) -> None:
        self.document, self.article = document, document.article
        self._path = urlsplit(document.address).path if document.address else ""

    @cached_property
    def title(self) -> frozenset[str]:
        """The words of the article's title."""
        return words(self.article.title or "") if self.article else frozenset()

    @cached_property
    def slug(self) -> frozenset[str]:
        """The words of the page's address."""
        return words(" ".join(unquote(self._path).split("/")[-2:]))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Numbers in the page's address that are its own."""
        return frozenset(re.findall(r"\d{5,}", self._path))

    @cached_property
    def reading_ms(self) -> int:
        """How long it takes to read the article aloud; 0 where nobody knows."""
        paragraphs = self.article.paragraphs if self.article else ()
        number = sum(len(p.text.split()) for p in paragraphs if p.role != "caption")
        return number * 60_000 // WORDS_A_MINUTE if number > WORDS_A_MINUTE // 2 else 0

    def judged(self, link: MediaLink) -> MediaLink:
        """A link with all signs taken into account."""
        signs = list(self._signs(link))
        clauses = [link.why, *(clause for _, clause in signs if clause)]
        return replace(
            link,
            relation=self._relation(link),
            score=link.score + sum(points for points, _ in signs),
            why="; ".join(clauses),
        )

    def _relation(self, link: MediaLink) -> Relation:
        address = judged_address(link)
        named = f"{link.title or ''} {urlsplit(address).path}"
        if link.relation == "article":
            is_sites = LIVE.search(address) or PROGRAMME.search(named)
            return "page" if is_sites else "article"
        if (
            link.relation == "page"
            and not LIVE.search(address)
            and self._by_title(link)[0] == ALIKE_POINTS
        ):
            return "article"  # in an <aside>, say, and yet by its title this article's
        return link.relation

    def _signs(self, link: MediaLink) -> Iterator[Point]:
        yield self._live(link)
        yield self._by_title(link)
        yield self._by_name(link)
        yield self._by_length(link)

    def _live(self, link: MediaLink) -> Point:
        address = judged_address(link)
        if LIVE.search(address):
            return -60, "a live channel"
        if PREVIEW.search(urlsplit(address).netloc + urlsplit(address).path):
            return -60, "by its name only a preview"
        return (12, "by its name a reading") if READING.search(address) else (0, "")

    def _by_title(self, link: MediaLink) -> Point:
        mine = words(link.title or "")
        if not mine or not self.title:
            return 0, ""
        shared = len(mine & self.title)
        if shared >= min(2, len(self.title)) and shared >= ALIKE * min(len(mine), len(self.title)):
            return ALIKE_POINTS, "its title is like the article's"
        if shared:
            return 8, "its title shares words with the article's"
        return -8, "its title shares no word with the article's"

    def _by_name(self, link: MediaLink) -> Point:
        path = urlsplit(judged_address(link)).path
        if self.numbers & set(re.findall(r"\d{5,}", path)):
            return 15, "its address has the article's number"
        name = words(unquote(path.rpartition("/")[2]).replace("_", " "))
        if len(name & (self.title | self.slug)) >= 2:
            return 15, "its file is named like the article"
        return 0, ""

    def _by_length(self, link: MediaLink) -> Point:
        length = link.declared_duration_ms
        if not length:
            return 0, ""
        if length < SHORT_MS:
            return -15, "it lasts only seconds"
        low, high = FITTING
        if self.reading_ms and low <= length / self.reading_ms <= high:
            return 12, "its length fits the text"
        return 0, ""


def judged_address(link: MediaLink) -> str:
    """A recording's address; of a file of this machine only its name, not where it lies."""
    return link.url if is_http_url(link.url) else PurePath(link.url).name


def rank(document: Document, links: Iterable[MediaLink]) -> list[MediaLink]:
    """All links of a page, judged."""
    judge = LinkRanker(document)
    return [judge.judged(link) for link in links]


def words(text: str) -> frozenset[str]:
    """The telling words of a text in small letters; pairs of characters where none are spaced."""
    found: set[str] = set()
    for word in WORD.findall(unicodedata.normalize("NFKC", text).casefold().replace("_", " ")):
        if UNSPACED.search(word):
            found |= {word[i : i + 2] for i in range(len(word) - 1)}
        elif len(word) >= MIN_LETTERS and not word.isdigit():
            found.add(word)
    return frozenset(found)
