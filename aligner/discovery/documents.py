"""Makes sources of pages and texts in memory."""

from __future__ import annotations

import hashlib

from aligner.errors import BadSource
from aligner.net.charset import decode
from aligner.types import Document, Page

DIGITS = 12
"""Hexadecimal digits of the hash that names a source without a name."""


def from_html(content: str | bytes, url: str | None = None, name: str | None = None) -> Document:
    """Make a source of a page's HTML, like a saved page.

    Bytes are decoded as a browser would: by a byte order mark, a ``meta`` element, or as UTF-8.
    ``url`` is the page's address, against which its links resolve; ``name`` is what the source is
    called in results, by default the address. Raises BadSource if there is no text in it.
    """
    return _document(content, url, name or url, "text/html")


def from_text(content: str | bytes, url: str | None = None, name: str | None = None) -> Document:
    """Make a source of an article's text, like a text file, with empty lines between paragraphs.

    A text links no recording: give one with ``Options(media=...)``. Raises BadSource if there is
    no text in it.
    """
    return _document(content, url, name or url, "text/plain")


def _document(
    content: str | bytes, url: str | None, name: str | None, content_type: str
) -> Document:
    text = decode(content, None) if isinstance(content, bytes) else content
    if name is None:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        name = f"{content_type.partition('/')[2]}-{digest[:DIGITS]}"
    if not text.strip():
        raise BadSource(name, "there is no text in it")
    return Document(name, Page(url, url, text, 200, content_type))
