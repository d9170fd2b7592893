"""Pages and texts that are in memory already -> sources."""

from __future__ import annotations

import hashlib

from aligner.errors import BadSource
from aligner.net.charset import decode
from aligner.types import Document, Page

DIGITS = 12


def from_html(content: str | bytes, url: str | None = None, name: str | None = None) -> Document:
    """A page's HTML -> a source, as a saved page is one.

    Bytes are decoded as a browser would: by a byte order mark, a ``meta`` element, or as UTF-8.
    ``url`` is the page's address, against which its links resolve; ``name`` is what the source is
    called in results, by default the address. Raises BadSource if there is no text in it.
    """
    return _document(content, url, name or url, "text/html")


def from_text(content: str | bytes, url: str | None = None, name: str | None = None) -> Document:
    """An article's text, with empty lines between its paragraphs -> a source, as a text file is.

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
