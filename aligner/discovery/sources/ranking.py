"""Ranks the media links of a page, with reasons.

The region of the page is known from where the link was found. This module adds what holds for all
ways: words of the address, the title, the file's name and the length. Points only compare the
candidates of one page; they were set on a few dozen saved news pages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from aligner.discovery.sources.address_words import (
    PROGRAMME,
    WITH_ADS,
    WITHOUT_ADS,
    Sign,
    ad_mark,
    is_ad_server,
    is_channel,
    signs,
    without_ad_mark,
)
from aligner.discovery.sources.base import ParsedPage
from aligner.net.guard import is_http_url
from aligner.types import NOT_READ_ALOUD, MediaLink, Relation

WORD = re.compile(r"\w+")
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts without spaces between words: Thai, Lao, Khmer, Kana, Han."""
MIN_LETTERS = 4
"""Letters; shorter words are ignored."""
ALIKE_POINTS = 30
ALIKE = 0.5
"""Titles are alike if they share two words and this share of the shorter one's words."""
WORDS_A_MINUTE = 160
SHORT_MS = 12_000
FITTING = (0.5, 1.8)
"""Range of the length divided by the time that reading the text aloud takes."""
TIED = 70
"""A link with so many points is in the article's text or declared as its recording."""


AD_POINTS = ((10, "without advertisements, by its name"), (0, ""), (-40, "with advertisements"))
"""Points and a clause for people: without, unmarked, with (``ad_mark``)."""


class LinkRanker:
    """What is known of a page to rank its links by."""

    def __init__(self, document: ParsedPage) -> None:
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
        """Numbers in the page's address that identify it."""
        return frozenset(re.findall(r"\d{5,}", self._path))

    @cached_property
    def reading_ms(self) -> int:
        """Milliseconds that reading the article aloud takes; 0 if unknown."""
        paragraphs = self.article.paragraphs if self.article else ()
        number = sum(len(p.text.split()) for p in paragraphs if p.role not in NOT_READ_ALOUD)
        return number * 60_000 // WORDS_A_MINUTE if number > WORDS_A_MINUTE // 2 else 0

    def scored(self, link: MediaLink) -> MediaLink:
        """Returns a link with its relation, points and reasons."""
        found = list(self._signs(link))
        clauses = [link.why, *(clause for _, clause in found if clause)]
        return replace(
            link,
            relation=self._relation(link),
            score=link.score + sum(points for points, _ in found),
            why="; ".join(clauses),
        )

    def _relation(self, link: MediaLink) -> Relation:
        address = address_for_ranking(link)
        is_alike = self._by_title(link)[0] == ALIKE_POINTS
        if is_ad_server(address):
            return "other"
        if link.relation == "article" and not is_alike:
            is_sites = is_channel(address) and link.score < TIED
            return "page" if is_sites or PROGRAMME.search(link.title or "") else "article"
        if link.relation == "page" and is_alike and not is_channel(address):
            return "article"  # in an <aside>, say, and yet by its title this article's
        return link.relation

    def _signs(self, link: MediaLink) -> Iterator[Sign]:
        yield from signs(address_for_ranking(link))
        yield self._by_title(link)
        yield self._by_name(link)
        yield self._by_length(link)

    def _by_title(self, link: MediaLink) -> Sign:
        mine = words(link.title or "")
        if not mine or not self.title:
            return 0, ""
        shared = len(mine & self.title)
        if shared >= min(2, len(self.title)) and shared >= ALIKE * min(len(mine), len(self.title)):
            return ALIKE_POINTS, "its title is like the article's"
        if shared:
            return 8, "its title shares words with the article's"
        return -8, "its title shares no word with the article's"

    def _by_name(self, link: MediaLink) -> Sign:
        path = urlsplit(address_for_ranking(link)).path
        if self.numbers & set(re.findall(r"\d{5,}", path)):
            return 15, "its address has the article's number"
        name = words(unquote(path.rpartition("/")[2]).replace("_", " "))
        if len(name & (self.title | self.slug)) >= 2:
            return 15, "its file is named like the article"
        return 0, ""

    def _by_length(self, link: MediaLink) -> Sign:
        length = link.declared_duration_ms
        if not length:
            return 0, ""
        if length < SHORT_MS:
            return -15, "it lasts only seconds"
        low, high = FITTING
        if self.reading_ms and low <= length / self.reading_ms <= high:
            return 12, "its length fits the text"
        return 0, ""


def address_for_ranking(link: MediaLink) -> str:
    """Returns a recording's address; of a local file only its name."""
    return link.url if is_http_url(link.url) else PurePath(link.url).name


def rank(document: ParsedPage, links: Iterable[MediaLink]) -> list[MediaLink]:
    """Returns all links of a page with the points of every sign."""
    ranker = LinkRanker(document)
    return _by_advertisements([ranker.scored(link) for link in links])


def _by_advertisements(links: list[MediaLink]) -> list[MediaLink]:
    """Prefer the address without advertisements, if the page has one with them and one without."""
    marks = [ad_mark(link.url, link.quality) for link in links]
    own = {mark for mark, link in zip(marks, links, strict=True) if link.relation == "article"}
    alike: dict[str, set[int]] = {}
    for mark, link in zip(marks, links, strict=True):
        alike.setdefault(without_ad_mark(link.url), set()).add(mark)
    are_told = {WITHOUT_ADS, WITH_ADS} <= own
    return [
        _with_points(link, *AD_POINTS[mark]) if are_told or _differ(alike, link) else link
        for mark, link in zip(marks, links, strict=True)
    ]


def _differ(alike: dict[str, set[int]], link: MediaLink) -> bool:
    """Whether another link has the same name apart from a word that tells of advertisements."""
    marks = alike[without_ad_mark(link.url)]
    return WITH_ADS in marks and len(marks) > 1


def _with_points(link: MediaLink, points: int, clause: str) -> MediaLink:
    why = f"{link.why}; {clause}" if clause else link.why
    return replace(link, score=link.score + points, why=why)


def words(text: str) -> frozenset[str]:
    """Returns the words of a text in lower case, without short ones and numbers.

    Scripts without spaces give pairs of characters.
    """
    found: set[str] = set()
    for word in WORD.findall(unicodedata.normalize("NFKC", text).casefold().replace("_", " ")):
        if UNSPACED.search(word):
            found |= {word[i : i + 2] for i in range(len(word) - 1)}
        elif len(word) >= MIN_LETTERS and not word.isdigit():
            found.add(word)
    return frozenset(found)
