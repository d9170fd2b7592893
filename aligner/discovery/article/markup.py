"""Reads title, language, address and paragraphs with roles from the tree of a page.

trafilatura finds the body, after players, menus and lists of other stories are cut out of the tree.
Title, summary and photo captions are found here, because trafilatura takes them for body text or
leaves them out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import islice
from typing import Any

from lxml import etree
from lxml.etree import _Element
from lxml.html import HtmlElement

from aligner.discovery.article.boilerplate import clean, is_boilerplate, is_closed, key
from aligner.discovery.html import classes, json_ld, meta, size, text_of
from aligner.languages.tags import declared_tag
from aligner.net.guard import is_http_url
from aligner.types import Paragraph, Role

# ---------------------------------------------------------------- title, language, address

ARTICLE_TYPES = re.compile(r"Article$|BlogPosting|Report|PodcastEpisode")
RESEMBLANCE = 0.5
"""Share of a heading's words that a declared title must have to be the same title."""
MOST_TITLES, MOST_HEADINGS = 20, 50
"""How many declared titles, and how many headings, are compared with one another."""
SITE_MARK = re.compile(r"\s+[|»·•–—-]\s+")


def title(tree: HtmlElement) -> str | None:
    """Returns the headline as printed, without the site's name; None if there is none."""
    declared = [
        clean(text)
        for text in (meta(tree, "og:title"), _headline(tree), meta(tree, "twitter:title"))
        if text
    ]
    titles = list(islice(tree.iter("title"), MOST_TITLES))
    in_head = [t for t in titles if (around := t.getparent()) is not None and around.tag == "head"]
    declared += [clean(text_of(t)) for t in in_head or titles]
    headings = (text for h in tree.iter("h1") if (text := clean(text_of(h))))
    printed = list(islice(headings, MOST_HEADINGS))
    resembling = [text for text in printed if any(_resembles(text, known) for known in declared)]
    best = next((t for t in (*resembling, *declared, *printed) if t), None)
    return _without_site(best, meta(tree, "og:site_name")) if best else None


def _resembles(printed: str, known: str) -> bool:
    """Whether a printed heading is a declared title, possibly reworded."""
    if key(printed) and key(printed) in key(known):
        return True
    words = set(printed.casefold().split())
    return len(words & set(known.casefold().split())) >= RESEMBLANCE * len(words) > 1


def _headline(tree: HtmlElement) -> str | None:
    for node in json_ld(tree):
        headline = node.get("headline")
        if isinstance(headline, str) and ARTICLE_TYPES.search(str(node.get("@type"))):
            return headline
    return None


def _without_site(text: str, site: str | None) -> str:
    """Returns a title without the site's name: "Flood in Mopti | The Daily Ledger"."""
    first, bar, rest = text.partition("|")
    if bar and site and key(first) == key(site):
        return rest.strip()
    marks = list(SITE_MARK.finditer(text))
    if not marks:
        return text
    head, tail = text[: marks[-1].start()], text[marks[-1].end() :]
    is_site = bool(site) and key(tail) in (key(site or ""), key((site or "").split(".")[0]))
    return head if is_site or "|" in marks[-1][0] or "»" in marks[-1][0] else text


def language(tree: HtmlElement) -> str | None:
    """Returns the declared language as a BCP 47 tag with its primary subtag in lower case."""
    declared = [*tree.xpath("/html/@lang | /html/@xml:lang | /html/body/@lang")]
    declared += (text for node in json_ld(tree) for text in _names_in(node.get("inLanguage")))
    declared += [meta(tree, "og:locale", "content-language", "language")]
    declared += tree.xpath("//meta[translate(@http-equiv,'CL','cl')='content-language']/@content")
    tags = (declared_tag(text.split(",")[0]) for text in declared if isinstance(text, str))
    return next(filter(None, tags), None)


def _names_in(value: Any) -> Iterator[Any]:
    """Yield what schema.org's inLanguage may hold: a tag, a Language with names, or a list."""
    for one in value if isinstance(value, list) else [value]:
        yield from (one.get("alternateName"), one.get("name")) if isinstance(one, dict) else [one]


def address(tree: HtmlElement) -> str | None:
    """Returns the address that the page declares as its own (canonical link, og:url), or None."""
    canonical = [str(a) for a in tree.xpath("//link[@rel='canonical']/@href")]
    for text in (*canonical, meta(tree, "og:url") or ""):
        if is_http_url(text.strip()):
            return text.strip()
    return None


# ---------------------------------------------------------------- elements outside the article

INVISIBLE_TAGS = "script style noscript template iframe object embed svg canvas".split()
JUNK_TAGS = "form button input select nav footer aside dialog audio video menu".split()
JUNK_CLASSES = """
wsw__embed c-mmp media-pholder media-download media-block-wrap publishing-details share--box
links__list share sharing social social-share share-buttons addthis newsletter newsletter-signup
subscribe related related-stories related-articles related-content related-inline recommended
read-more readmore see-also tags tag-list article-tags post-tags topics byline by-line author
author-box authors author-bio kicker cookie cookies cookie-banner gdpr breadcrumb breadcrumbs
comments comment-list listen audio-player player pagination promo advertisement sidebar skip-link
toolbar most-read trending timestamp dateline-meta photo-credit hidden infobox-promo up-next
footnotes footnote-list endnotes references reflist
""".split()
JUNK_IDS = "comments cookie cookies newsletter related sidebar footer header-nav".split()
JUNK_ROLES = (
    "dialog navigation banner contentinfo complementary search doc-endnotes doc-footnote".split()
)
NAMES_OF_JUNK = frozenset(JUNK_CLASSES), frozenset(JUNK_IDS), frozenset(JUNK_ROLES)
KEEP_SHARE = 0.4
"""An element with more of the page's paragraph text than this is never cut."""
FEW_CHARS = 1000
"""A page with less text than this in <p> elements has its text in other elements."""
LINKED_SHARE = 0.7


def _cut(tree: HtmlElement) -> None:
    """Cut players, menus, lists of other stories and the like out of the tree."""
    for invisible in [*tree.iter(*INVISIBLE_TAGS)]:
        invisible.drop_tree()
    junk = [element for element in tree.iter(etree.Element) if _is_junk(element)]
    _drop(tree, (*tree.iter(*JUNK_TAGS), *junk, *_link_lists(tree)))


def _is_junk(element: HtmlElement) -> bool:
    """Whether an element is outside the article by its names, or not shown."""
    classes, ids, roles = NAMES_OF_JUNK
    given = element.attrib
    if not given:
        return False
    return (
        "hidden" in given
        or given.get("aria-hidden") == "true"
        or given.get("id") in ids
        or given.get("role") in roles
        or not classes.isdisjoint(given.get("class", "").split())
    )


def _drop(tree: HtmlElement, elements: Iterable[HtmlElement]) -> None:
    """Cut elements out of the tree, except those that hold much of its text."""
    whole = sum(map(_paragraph_chars, tree.iter("p")))
    counted = "p" if whole >= FEW_CHARS else "body"
    whole = whole if counted == "p" else len(text_of(tree))
    for element in elements:
        if element.tag in ("html", "body", "main", "article") or element.getparent() is None:
            continue
        inner = element.iter("p") if counted == "p" else [element]
        if sum(map(_paragraph_chars, inner)) <= KEEP_SHARE * whole:
            element.drop_tree()


def _paragraph_chars(paragraph: HtmlElement) -> int:
    return len(text_of(paragraph))


def _link_lists(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the lists whose text is nearly all links: other stories, topics, languages."""
    for one in tree.iter("ul", "ol"):
        linked = sum(len(text_of(a)) for a in one.iter("a"))
        if linked >= LINKED_SHARE * len(text_of(one)) and linked:
            yield one


# ---------------------------------------------------------------- caption and summary

CAPTION = (
    f"//figcaption | //*[{classes('caption', 'wp-caption-text', 'photo-caption', 'image-caption')}]"
)
SUMMARY_CLASSES = (
    "standfirst dek deck subtitle sub-title subheadline article__summary article-summary summary "
    "article__standfirst article-subtitle excerpt intro lead lede article-lead"
).split()
SUMMARY = (
    f"//*[{classes(*SUMMARY_CLASSES)} or @itemprop='description']"
    "[not(self::a or self::meta or ancestor::a or ancestor::li)]"
)
SUMMARY_CHARS = (20, 700)
FIGURES = f"//figure | //*[{classes('wp-caption', 'media-image', 'cover-media')}]"


def _captions(tree: HtmlElement) -> Iterator[str]:
    for place in tree.xpath(CAPTION):
        text = clean(text_of(place))
        if text and not is_boilerplate(text) and not place.xpath(".//figcaption | ancestor::a"):
            yield text


def _cut_figures(tree: HtmlElement) -> None:
    """Cut photos and their captions out of the tree, so that none is read as body text."""
    _drop(tree, (*tree.xpath(FIGURES), *tree.xpath(CAPTION)))


def _summary(tree: HtmlElement) -> str | None:
    """Returns the text between headline and body, if the page prints one apart from the body."""
    declared = key(meta(tree, "og:description", "description", "twitter:description") or "")
    below: frozenset[HtmlElement] = frozenset()
    for place in tree.xpath(SUMMARY):
        text = clean(text_of(place))
        if not SUMMARY_CHARS[0] <= len(text) <= SUMMARY_CHARS[1] or place.tag in ("html", "body"):
            continue
        around = place.getparent()
        siblings = 0 if around is None else len(list(islice(around.iterchildren("p"), 3)))
        if key(text) == declared:
            return text
        if siblings <= 2:
            below = below or frozenset(tree.xpath("(//h1)[1]/following::*"))
            if place in below:
                return text
    return None


# ---------------------------------------------------------------- paragraphs


def paragraphs(tree: HtmlElement, headline: str | None) -> tuple[Paragraph, ...]:
    """Returns title, summary, captions, then body and headings in order; () without a body.

    Elements outside the article are cut out of ``tree``.
    """
    _cut(tree)
    summary = _summary(tree)
    captions = list(dict.fromkeys(_captions(tree)))
    _cut_figures(tree)
    known = {key(text) for text in (headline, summary, *captions) if text}
    body = _without_ends(_body(tree, known))
    if not any(p.role == "body" for p in body):
        return ()
    first = next(p for p in body if p.role == "body")
    if summary and key(first.text).startswith(key(summary)):
        summary = None
    made = [Paragraph(headline, "title")] if headline else []
    made += [Paragraph(summary, "summary")] if summary else []
    return (*made, *(Paragraph(text, "caption") for text in captions), *body)


def _body(tree: HtmlElement, known: set[str]) -> Iterator[Paragraph]:
    """Yield the body's paragraphs, without those that are known as title, summary or caption."""
    seen: set[str] = set()
    for text, role in _extracted(tree):
        text = clean(text)
        mark = key(text)
        is_repeated = mark in known or (mark in seen and len(mark) > 40)
        if text and not is_repeated and not is_boilerplate(text) and not _is_byline(text, seen):
            seen.add(mark)
            yield Paragraph(text, role)


SECOND_OPINION_ELEMENTS = 6_000
"""Elements of a page up to which trafilatura compares its text with that of two other algorithms.

One of them, justext, takes time by the square of the number of short paragraphs.
"""


def _extracted(tree: HtmlElement) -> Iterator[tuple[str, Role]]:
    """Yield the body that trafilatura finds; tables are read only if there is no other text."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    is_large = size(tree) > SECOND_OPINION_ELEMENTS
    for with_tables in (False, True):
        document = bare_extraction(
            deepcopy(tree),
            fast=is_large,
            favor_precision=True,
            include_comments=False,
            include_tables=with_tables,
            with_metadata=False,
        )
        if isinstance(document, Document) and document.body is not None:
            yield from _blocks(document.body)
            return


GROUPS = ("body", "main", "div", "section", "article", "table", "row", "cell")
HEADING_CHARS = 150
"""A longer heading is the article's first sentence in large letters."""


def _blocks(element: _Element) -> Iterator[tuple[str, Role]]:
    """Yield the paragraphs of an element of trafilatura's tree, with their roles."""
    if element.tag in GROUPS or (element.tag in ("list", "quote") and len(element)):
        if element.text and element.text.strip():
            yield element.text, "body"
        for child in element.iterchildren():
            yield from _blocks(child)
            if child.tail and child.tail.strip():
                yield child.tail, "body"
    elif element.tag == "head":
        text = "".join(element.itertext())
        is_sentence = len(text) > HEADING_CHARS or text.rstrip("\"'”’ ").endswith(".")
        yield text, "body" if is_sentence else "heading"
    elif element.tag in ("p", "item", "quote", "ab"):
        for text in _lines(element):
            yield text, "body"


def _lines(element: _Element) -> Iterator[str]:
    """Yield a paragraph's text, split at line breaks that follow the end of a sentence."""
    line = element.text or ""
    for child in element.iterchildren():
        if child.tag == "lb" and is_closed(line):
            yield line
            line = ""
        line += " " if child.tag == "lb" else _text_within(child)
        line += child.tail or ""
    yield line


def _text_within(element: _Element) -> str:
    """Returns the text of an element; "" for a comment."""
    return "".join(element.itertext()) if isinstance(element.tag, str) else ""


def _is_byline(text: str, before: set[str]) -> bool:
    """Whether a text above the body names the author: "By Grace Mbeki"."""
    is_short = len(text) <= 80 and not is_closed(text)
    return not before and is_short and bool(re.match(r"(?:By|Von|Por|Par)\s+[A-ZÀ-Þ]", text))


def _without_ends(body: Iterator[Paragraph]) -> list[Paragraph]:
    """Returns the body without headings at its end, such as "Related stories"."""
    found = list(body)
    while found and found[-1].role == "heading":
        found.pop()
    return found
