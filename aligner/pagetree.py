"""A page's text -> its tree, and small readings of it that finding and reading share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.etree import ParserError
from lxml.html import HtmlElement, document_fromstring

JSON_LD_DEPTH = 12
"""JSON-LD nested deeper than this is not read."""


def parse(text: str) -> HtmlElement:
    """A page's text -> its tree; never fails."""
    # lxml refuses text with an XML declaration that names an encoding
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\0", "")
    try:
        return document_fromstring(text or "<html/>")
    except (ParserError, ValueError):
        return document_fromstring("<html/>")


def text_of(element: HtmlElement) -> str:
    """An element's text with single spaces."""
    return " ".join(str(element.text_content()).split())


def classes(*names: str) -> str:
    """Class names -> the XPath condition of an element that has one of them."""
    tests = (f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')" for name in names)
    return " or ".join(tests)


def meta(tree: HtmlElement, *names: str) -> str | None:
    """The content of the first <meta> of these names that has any, in the names' order."""
    for name in names:
        for value in tree.xpath("//meta[@property=$n or @name=$n]/@content", n=name):
            if text := " ".join(str(value).split()):
                return text
    return None


def json_ld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Every object in the page's JSON-LD, the outer before the inner."""
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        yield from _objects(_read(str(script.text_content())), 0)


def _read(text: str) -> Any:
    """JSON as sites write it: within comment marks, with line breaks in strings."""
    for mark in ("<!--", "-->", "//<![CDATA[", "//]]>", "<![CDATA[", "]]>"):
        text = text.replace(mark, "")
    try:
        return json.loads(text.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list) and depth < JSON_LD_DEPTH:
        for inner in value:
            yield from _objects(inner, depth + 1)
