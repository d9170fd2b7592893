"""Extracts the article from a page: its title, its language and its paragraphs."""

from __future__ import annotations

from aligner.discovery.article import inline_extras, markup, text
from aligner.discovery.html import parse
from aligner.types import Article, Page

__all__ = ["extract"]


def extract(page: Page) -> Article:
    """Returns the article of a page; one without any text of an article has no paragraphs."""
    url = page.final_url or page.url
    if page.paragraphs is not None:
        first = page.paragraphs[0] if page.paragraphs else None
        title = first.text if first and first.role == "title" else None
        return Article(url, title, page.language, page.paragraphs)
    if page.content_type == "text/plain":
        found = text.paragraphs(page.html)
        title = found[0].text if found and found[0].role == "title" else None
        return Article(url, title, None, found)
    tree = parse(page.html if page.content_type == "text/html" else "")
    inline_extras.remove(tree)
    title, language = markup.title(tree), markup.language(tree)
    url = url or markup.address(tree)
    return Article(url, title, language, markup.paragraphs(tree, title))
