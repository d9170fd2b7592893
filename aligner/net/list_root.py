"""Tells feeds and sitemaps from other texts by their outermost tag."""

from __future__ import annotations

import re

XML_PROLOGUE = re.compile(
    r"\ufeff|\s+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?\s*+>",
    re.IGNORECASE | re.DOTALL,
)
"""One part of what may precede the outermost tag."""
LIST_ROOT = re.compile(r"<(?:\w+:)?(rss|feed|rdf|urlset|sitemapindex)\b", re.IGNORECASE)
AFTER_JUNK = re.compile(
    r"<\?xml\b[^>]*\?>|<rss\b[^>]*\bversion\s*=|<feed\b[^>]*\bxmlns\s*=|<rdf:RDF\b"
    r"|<(?:urlset|sitemapindex)\b[^>]*\bxmlns\s*=",
    re.IGNORECASE,
)
"""What begins a list where a server's messages precede it."""
OF_PAGE = re.compile(r"<(?:!doctype|html|head|body|script|article|main|pre|code)\b", re.IGNORECASE)
"""Tags that a page has before an example of XML in it."""
MAX_HEAD = 10_000
"""Characters in which the outermost tag must begin."""


def list_root(text: str) -> str | None:
    """Returns the outermost tag of a feed or sitemap in lower case; None for other texts.

    It is rss, feed (Atom), rdf (RSS 1.0), urlset or sitemapindex (sitemaps). Messages of a server
    may precede it.
    """
    head = text[:MAX_HEAD]
    return _root(head) or _root(head[_junk(head) :])


def list_xml(text: str) -> str:
    """Returns a list's XML without what precedes its outermost tag.

    The declaration goes too: the encoding that it names is that of the bytes, not of the text.
    """
    head = text[:MAX_HEAD]
    start = 0 if _root(head) else _junk(head)
    declared = re.compile(r"[\ufeff\s]*<\?xml\b[^>]*\?>\s*").match(text, start)
    return text[declared.end() if declared else start :].lstrip("\ufeff \t\r\n")


def _root(head: str) -> str | None:
    at = 0
    while piece := XML_PROLOGUE.match(head, at):
        at = piece.end()
    found = LIST_ROOT.match(head, at)
    return found[1].lower() if found else None


def _junk(head: str) -> int:
    """Where a list begins after other text; 0 where none does."""
    found = AFTER_JUNK.search(head)
    return found.start() if found and not OF_PAGE.search(head, 0, found.start()) else 0
