"""A page's tree -> addresses in it: what all ways of finding media share.

How to add a way:
1. Write ``sources/NAME.py`` with a function ``find(document: Document) -> Iterator[MediaLink]``.
   Yield one link a recording, built with ``link_of``; leave out what ``document.absolute``
   refuses, and set ``relation`` with ``relation_of`` where the link stands on the page.
2. Add a line to ``SOURCES`` in ``sources/__init__.py``, at the place of its trustworthiness.
3. Add a page to ``tests/data/pages`` and a row to ``tests/sources/``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from aligner.addresses import (
    AUDIO_SUFFIXES,
    INTERNET,
    MANIFEST_SUFFIXES,
    VIDEO_SUFFIXES,
    Network,
    is_askable,
    suffix_of,
)
from aligner.nouns import Article, MediaKind, MediaLink, Page, Quality, Relation
from aligner.pagetree import parse

ASIDE_TAGS = frozenset(("header", "nav", "aside", "footer"))
ASIDE_WORDS = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|menu|sidebar|footer|hdr|site-header|masthead|widget|ticker|live)"
    r"(?=$|[-_ ])"
)
OTHER_WORDS = re.compile(
    r"(?:^|[-_ ])(?:related|recommend\w*|teaser\w*|promo\w*|most-read|more-news|also|upnext"
    r"|media-block-wrap|playlist|ad|ads|advert\w*|sponsor\w*)(?=$|[-_ ])"
)
ARTICLE_WORDS = re.compile(r"article-?(?:content|body)|story-?body|entry-content|post-content|wsw")
LIVE = re.compile(
    r"/Navigation/Live|badge--live|/live(?:audio|video|stream|radio)\b", re.IGNORECASE
)
PLACEHOLDER = re.compile(r"(?:blank|silen(?:ce|t)|empty|placeholder|dummy)[^/]*$", re.IGNORECASE)
"""Files that sites put where a script sets the real address later."""

QUALITY_MARK = re.compile(
    r"[-_.](?:hq|hd|lq|sd|low|high|original|mobile|fullhd|\d{2,3}k(?:bps)?|\d{3,4}p)$",
    re.IGNORECASE,
)
WEIGHTS = {"hq": 128, "hd": 720, "lq": 32, "sd": 360, "low": 32, "high": 192, "original": 1500}
WEIGHTS |= {"mobile": 240, "fullhd": 1080}
UNMARKED_AUDIO, UNMARKED_VIDEO = 64, 480
"""Weights of a rendition without a mark: kbps of sound, lines of pictures."""
MANIFEST_WEIGHT = 100_000
"""A stream in pieces is taken only where there is no whole file."""


@dataclass(frozen=True, slots=True)
class FindOptions:
    """What finding may do."""

    allow_private: bool = False
    ask_network: bool = False
    """Whether yt-dlp may be asked about the page's address."""
    relations: tuple[Relation, ...] = ("article",)
    """Whose recordings to give; the others stand in headers, sidebars and teasers."""
    timeout_s: float = 20.0
    network: Network = INTERNET


class Document:
    """A page with its tree and what its addresses resolve against."""

    def __init__(self, page: Page, article: Article | None, options: FindOptions) -> None:
        self.page, self.article, self.options = page, article, options

    @cached_property
    def tree(self) -> HtmlElement:
        """The page's tree; an empty one for plain text and for media."""
        text = self.page.html if self.page.content_type == "text/html" else ""
        return parse(text)

    @cached_property
    def base(self) -> str:
        """What relative addresses resolve against; "" if nobody knows."""
        known = self.page.final_url or self.page.url or (self.article.url if self.article else None)
        base = next((b.get("href", "") for b in self.tree.iter("base") if b.get("href")), "")
        try:
            return urljoin(known or "", base.strip())
        except ValueError:
            return known or ""

    def absolute(self, address: str | None) -> str | None:
        """An address of the page in full; None for what is not http(s) or not known in full."""
        if not address or not address.strip():
            return None
        try:
            full = urljoin(self.base, address.strip()).partition("#")[0].replace(" ", "%20")
        except ValueError:
            return None
        return full if is_askable(full) and not PLACEHOLDER.search(urlsplit(full).path) else None


# ---------------------------------------------------------------- where it stands


def relation_of(element: HtmlElement) -> Relation:
    """Whose the media at a place of the page is."""
    for around in (element, *element.iterancestors()):
        words = f"{around.get('class', '')} {around.get('id', '')}".lower()
        if around.tag in ("html", "body"):
            break
        if OTHER_WORDS.search(words):
            return "other"
        if ARTICLE_WORDS.search(words) or around.tag == "article":
            return "article"
        if ASIDE_WORDS.search(words) or _is_aside(around):
            return "page"
    return "article"


def _is_aside(element: HtmlElement) -> bool:
    """Whether a tag is the page's header, menu, sidebar or footer; an article has headers too."""
    in_article = element.tag == "header" and (
        "article" in element.get("class", "") or bool(element.xpath("ancestor::article"))
    )
    return element.tag in ASIDE_TAGS and not in_article


def is_live(element: HtmlElement) -> bool:
    """Whether a place of the page leads to a live channel."""
    around = (element, *element.iterancestors("li", "div"))[:2]
    inner = (child.get("class", "") for one in around for child in one.iter("span", "a", "i"))
    return any(map(LIVE.search, (element.get("href", ""), element.get("src", ""), *inner)))


# ---------------------------------------------------------------- links and their qualities


def link_of(
    found_by: str, qualities: Iterable[Quality], kind: MediaKind | None = None, why: str = ""
) -> MediaLink | None:
    """The renditions of one recording -> its link, to the smallest with sound; None if none."""
    unique: dict[str, Quality] = {}
    for quality in qualities:
        unique.setdefault(same_file(quality.url), quality)
    renditions = tuple(unique.values())
    if not renditions:
        return None
    kinds = [kind_of(q.url, q.mime) for q in renditions]
    ours: MediaKind = kind or "audio"
    if "video" in kinds or "audio" in kinds:
        ours = "video" if "video" in kinds else "audio"
    fitting = [q for q, k in zip(renditions, kinds, strict=True) if k in (ours, None)]
    smallest = min(fitting, key=lambda q: weight(q, ours))
    return MediaLink(smallest.url, ours, found_by, smallest.label, qualities=renditions, why=why)


def kind_of(url: str, mime: str | None = None) -> MediaKind | None:
    """Audio or video, by the declared type, then by the suffix; None if neither says."""
    for kind in ("audio", "video"):
        if mime and mime.lower().startswith(kind + "/") and "mpegurl" not in mime.lower():
            return kind
    suffix = suffix_of(url)
    if suffix in AUDIO_SUFFIXES:
        return "audio"
    return "video" if suffix in VIDEO_SUFFIXES else None


def weight(quality: Quality, kind: MediaKind) -> int:
    """How large a rendition is, by its label or its file's name; good for comparing only."""
    if suffix_of(quality.url) in MANIFEST_SUFFIXES or "mpegurl" in (quality.mime or "").lower():
        return MANIFEST_WEIGHT
    number = re.search(r"(\d{2,4})\s*(?:k|p\b)", quality.label or "", re.IGNORECASE)
    if number:
        return int(number[1])
    mark = QUALITY_MARK.search(_stem(quality.url))
    if not mark:
        return UNMARKED_AUDIO if kind == "audio" else UNMARKED_VIDEO
    word = mark[0][1:].lower()
    return WEIGHTS.get(word) or int(re.sub(r"\D", "", word))


def _stem(url: str) -> str:
    path = urlsplit(url).path
    suffix = suffix_of(url)
    return path[: -len(suffix)] if suffix else path


def same_file(url: str) -> str:
    """A key that is equal for addresses of one file: without scheme, download and cache marks."""
    parts = urlsplit(url)
    query = "&".join(
        q for q in parts.query.split("&") if q and not re.match(r"(?:download|cb|_)(?:=|$)", q)
    )
    return f"{parts.netloc.lower()}{parts.path}?{query}"


def same_recording(url: str) -> str:
    """A key that is equal for the renditions of one recording, as far as file names tell."""
    stem = _stem(url)
    while mark := QUALITY_MARK.search(stem):
        stem = stem[: mark.start()]
    return f"{urlsplit(url).netloc.lower()}{stem}?{same_file(url).partition('?')[2]}"


def merge(links: Iterable[MediaLink]) -> tuple[MediaLink, ...]:
    """Links in order -> the same, each recording once, with all qualities that anyone found."""
    merged: list[MediaLink] = []
    keys: list[set[str]] = []
    for link in links:
        mine = {same_recording(quality.url) for quality in _qualities(link)}
        at = next((i for i, known in enumerate(keys) if known & mine), None)
        if at is None:
            merged.append(link)
            keys.append(mine)
        else:
            keys[at] |= mine
            merged[at] = _joined(merged[at], link)
    return tuple(merged)


def _qualities(link: MediaLink) -> tuple[Quality, ...]:
    return link.qualities or (Quality(link.url, link.quality),)


def _joined(first: MediaLink, second: MediaLink) -> MediaLink:
    qualities = (*_qualities(first), *_qualities(second))
    both = link_of(first.found_by, qualities, first.kind)
    if both is None:
        return first
    return replace(
        first,
        url=both.url,
        kind=both.kind,
        quality=both.quality,
        qualities=both.qualities,
        declared_duration_ms=first.declared_duration_ms or second.declared_duration_ms,
        title=first.title or second.title,
    )


# ---------------------------------------------------------------- small readings

CLOCK = re.compile(r"(?<![\d:])(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?![\d:])")
ISO_DURATION = re.compile(
    r"P(?:T|(?P<d>\d+)DT?)?(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?",
    re.IGNORECASE,
)


def clock_ms(text: str) -> int | None:
    """The longest time like "0:03:17" or "3:17" in a text, in milliseconds; None if all are 0."""
    times = [((int(h or 0) * 60 + int(m)) * 60 + int(s)) * 1000 for h, m, s in CLOCK.findall(text)]
    return max(times, default=0) or None


def iso_duration_ms(text: str) -> int | None:
    """An ISO 8601 duration like "PT1M2S" in milliseconds; None if it is not one, or 0."""
    found = ISO_DURATION.fullmatch(text.strip())
    if not found:
        return None
    d, h, m, s = (float(found[name] or 0) for name in "dhms")
    return round((((d * 24 + h) * 60 + m) * 60 + s) * 1000) or None


Find = Callable[[Document], Iterator[MediaLink]]
"""What each file of this drawer gives as ``find``."""
