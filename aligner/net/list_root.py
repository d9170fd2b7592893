"""Tells feeds and sitemaps from other texts by their outermost tag."""

from __future__ import annotations

import re

XML_PROLOGUE = re.compile(
    r"\ufeff|\s+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?\s*>",
    re.IGNORECASE | re.DOTALL,
)
"""One part of what may precede the outermost tag."""
LIST_ROOT = re.compile(r"<(?:\w+:)?(rss|feed|rdf|urlset|sitemapindex)\b", re.IGNORECASE)


def list_root(text: str) -> str | None:
    """Returns the outermost tag of a feed or sitemap in lower case; None for other texts.

    It is rss, feed (Atom), rdf (RSS 1.0), urlset or sitemapindex (sitemaps).
    """
    head, at = text[:10_000], 0
    while piece := XML_PROLOGUE.match(head, at):
        at = piece.end()
    found = LIST_ROOT.match(head, at)
    return found[1].lower() if found else None
