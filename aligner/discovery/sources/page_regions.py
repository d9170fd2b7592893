"""Classifies the regions of a page: the article, the page's own parts, or other stories.

An element that contains the article's text is never a sidebar, whatever its class. So the text is
located first, and class names count only for elements that do not contain it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from aligner.discovery.article.inline_extras import text_without
from aligner.discovery.sources.providers import recording_at
from aligner.net.guard import names_media
from aligner.types import Article, Relation

ASIDE_TAGS = frozenset(("header", "nav", "aside", "footer"))
ASIDE_ROLES = frozenset(("complementary", "navigation", "banner", "contentinfo"))
AD_TAGS = frozenset(("amp-ad", "amp-embed", "amp-sticky-ad", "ins"))
ASIDE_WORDS = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|menu|sidebar|footer|hdr|site-header|masthead|ticker|live"
    r"|secondary|rail|right-?col(?:umn)?|col-right|aside"
    r"|(?<!elementor-)widget(?![-_](?:video|audio|embed|player))"
    r"|livestream|sticky-player|global-player|site-player|radio-player|persistent-player)"
    r"(?=$|[-_ ])"
)
OTHER_WORDS = re.compile(
    r"(?:^|[-_ ])(?:related\w*|recommend\w*|teaser\w*|promo\w*|most-read|most-viewed|more-news"
    r"|more-stories|read-?more|read-?next|trending|popular|also|up-?next|media-block-wrap"
    r"|(?<!wp-)playlist|recirc\w*|outbrain|taboola|ad|ads|advert\w*|sponsor\w*|comments?|disqus"
    r"|newsletter\w*|captcha)(?=$|[-_ ])"
)
ARTICLE_WORDS = re.compile(r"article-?(?:content|body)|story-?body|entry-content|post-content|wsw")
CARD_WORDS = re.compile(r"(?:^|[-_ ])(?:card|tile|item|story)(?=$|[-_ ])")
MIN_TEXT = 40
"""Characters; shorter paragraphs do not help to locate the article."""
MOST = 0.6
"""The element of the article contains at least this share of its text."""


@dataclass(frozen=True, slots=True)
class Region:
    """To what the media in a region belongs, and how surely."""

    relation: Relation
    where: str
    """A phrase for people, such as "in the article's text"."""
    score: int = 0


CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a word begins in "PagePromo"."""
MIN_WORDS = 2
TEASER_LEVELS = 5
TEASER_CHARS = 400
TEASER_TAGS = 200
"""Levels around a recording, characters of text, and elements that a teaser has at most."""
SHARING = re.compile(r"share|facebook\.|twitter\.|//x\.com|whatsapp|mailto:", re.IGNORECASE)

PLAIN = Region("article", "on the page")
IN_TEXT = Region("article", "in the article's text", 25)
IN_ARTICLE = Region("article", "in the article", 15)
ABOVE = Region("article", "above the article's text", 15)
BELOW = Region("article", "below the article's text", -20)
AD = Region("other", "in an advertisement")
STORY = Region("other", "in the link to another story")


class RegionClassifier:
    """The regions of one page; each element is classified once."""

    def __init__(self, tree: HtmlElement, article: Article | None) -> None:
        self._elements = [e for e in tree.iter() if isinstance(e.tag, str)]
        self._order = {element: i for i, element in enumerate(self._elements)}
        self._home, self._first, self._last = self._text(article)
        self._holds = frozenset(self._home)
        self._known: dict[HtmlElement, Region] = {}

    def of(self, element: HtmlElement) -> Region:
        """Returns the region of an element."""
        chain = []
        place = PLAIN
        for around in (element, *element.iterancestors()):
            if around in self._known:
                place = self._known[around]
                break
            chain.append(around)
        for around in reversed(chain):
            place = self._known[around] = self._within(around, place)
        return self._along(element, place)

    def _within(self, element: HtmlElement, outer: Region) -> Region:
        """Returns the region within an element, given the region around it."""
        if element in self._holds:
            return IN_TEXT if element is self._home[-1] else PLAIN
        if outer.relation == "other" or element.tag in ("html", "body"):
            return outer
        found = _named(element)
        if found is None and self._home and (_is_card(element) or _leads_away(element)):
            return STORY
        if found is None and element.tag == "article" and not self._home:
            found = IN_ARTICLE
        return found or outer

    def _along(self, element: HtmlElement, place: Region) -> Region:
        """Refine a region that nothing else tells: before or after the text."""
        if place is not PLAIN or not self._home:
            return place
        at = self._order.get(element, 0)
        if at > self._last:
            return STORY if self._in_teaser(element) else BELOW
        return ABOVE if at < self._first else PLAIN

    def _in_teaser(self, element: HtmlElement) -> bool:
        """Whether an element is part of a teaser: a small element with a linked headline."""
        for box in islice(element.iterancestors(), TEASER_LEVELS):
            if box in self._holds or not _is_small(box):
                return False
            if any(map(_is_headline, box.iter("a"))):
                return True
        return False

    def _text(self, article: Article | None) -> tuple[list[HtmlElement], int, int]:
        """Returns the elements that contain the text, outermost first, and its range."""
        lengths = dict(self._paragraphs(article))
        total = sum(lengths.values())
        if not total:
            return [], 0, 0
        mass: dict[HtmlElement, int] = {}
        for element in reversed(self._elements):
            own = mass.get(element, 0) + lengths.get(element, 0)
            if own and (parent := element.getparent()) is not None:
                mass[parent] = mass.get(parent, 0) + own
        home = [e for e in self._elements if mass.get(e, 0) >= MOST * total]
        places = [self._order[e] for e in lengths]
        return home, min(places), max(places)

    def _paragraphs(self, article: Article | None) -> Iterable[tuple[HtmlElement, int]]:
        body = [p for p in article.paragraphs if p.role != "title"] if article else []
        known = {_opening(p.text) for p in body if len(p.text) >= MIN_TEXT}
        for element in self._elements:
            if element.tag == "p":
                text = text_without(element)
            elif known and element.tag in ("div", "td", "li", "section", "article", "span"):
                text = element.text or ""
            else:
                continue
            if len(text) >= MIN_TEXT and (_opening(text) in known if known else element.tag == "p"):
                yield element, len(text)


def _opening(text: str) -> str:
    return "".join(text[: 4 * MIN_TEXT].split())[: MIN_TEXT // 2]


def _named(element: HtmlElement) -> Region | None:
    """Returns the region that an element's names and tag tell; None if they tell nothing."""
    names = f"{element.get('class', '')} {element.get('id', '')}"
    words = CAMEL.sub("-", names).lower()
    if element.tag in AD_TAGS:
        return AD
    if found := OTHER_WORDS.search(words):
        return Region("other", f"among other things ({found[0].strip('-_ ')})")
    if ARTICLE_WORDS.search(words):
        return IN_ARTICLE
    if found := ASIDE_WORDS.search(words):
        return Region("page", f"in the page's own parts ({found[0].strip('-_ ')})")
    if element.get("role", "").lower() in ASIDE_ROLES:
        return Region("page", f"in the page's own parts ({element.get('role')})")
    if element.tag in ASIDE_TAGS and not _is_articles_header(element):
        return Region("page", f"in the page's <{element.tag}>")
    return None


def _is_articles_header(element: HtmlElement) -> bool:
    """Whether a <header> belongs to the article rather than the page."""
    return element.tag == "header" and (
        "article" in element.get("class", "")
        or next(element.iterancestors("article"), None) is not None
        or next(element.iter("h1"), None) is not None
    )


def _is_card(element: HtmlElement) -> bool:
    """Whether an element outside the text is a card of another story: its headline is a link."""
    if element.tag not in ("article", "li") and not CARD_WORDS.search(element.get("class", "")):
        return False
    headings = (h for h in element.iter("h2", "h3", "h4", "h5"))
    return any(
        next(h.iter("a"), None) is not None or next(h.iterancestors("a"), None) is not None
        for h in headings
    )


def _leads_away(element: HtmlElement) -> bool:
    """Whether an element is a link to another page: then a video in it is a teaser."""
    href = element.get("href", "").strip() if element.tag == "a" else ""
    if not href or href.startswith(("#", "javascript:")) or names_media(href):
        return False
    return recording_at(href) is None


def _is_small(box: HtmlElement) -> bool:
    """Whether an element has no more text and elements than a teaser; reads no more of it."""
    if sum(1 for _ in islice(box.iter(), TEASER_TAGS + 1)) > TEASER_TAGS:
        return False
    return len(str(box.text_content())) <= TEASER_CHARS


def _is_headline(link: HtmlElement) -> bool:
    """Whether a link leads to another page and has a headline rather than a button's label."""
    href = link.get("href", "")
    name = str(link.text_content()).split()
    return len(name) >= MIN_WORDS and _leads_away(link) and not SHARING.search(href)


FEW = 12
"""Elements around a link whose class is looked at."""
LIVE = re.compile(r"/Navigation/Live|badge--live", re.IGNORECASE)


def is_live(element: HtmlElement) -> bool:
    """Returns whether an element belongs to a live channel, by its address or a badge."""
    around = (element, *islice(element.iterancestors("li", "div"), 1))
    inner = (
        child.get("class", "")
        for one in around
        for child in islice(one.iter("span", "a", "i"), FEW)
    )
    return any(map(LIVE.search, (element.get("href", ""), element.get("src", ""), *inner)))
