"""A page's text -> its tree, and small readings of it that finding and reading share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from lxml.etree import ParserError, XPath
from lxml.html import HtmlElement, HTMLParser, document_fromstring

BOXES = re.compile(
    r"</?(?!(?:html|head|body|title|base|meta|link|script|style|p|h[1-6]|a|iframe|embed|object"
    r"|video|audio|source|track)\b|amp-|!)[a-z][^<>]*>",
    re.IGNORECASE,
)
"""Tags that only hold others."""
ENDS = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
"""What follows these belongs to the body all the same, as in browsers; lxml drops it."""
NOT_XML = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that lxml reads in HTML, but lets nobody write."""
DEEPEST = 256
"""Levels of tags. Pages have a few dozen; what reads them takes time by the square of it."""
TOO_DEEP = XPath(f"boolean({'/*' * DEEPEST})")
JSON_LD_DEPTH = 12
"""JSON-LD nested deeper than this is not read."""
MENDED_CHARS = 2_000_000
"""As much of a broken JSON text is mended; what follows is as if it were cut off."""
MARKS = re.compile(r'\\.|["{}\[\]]', re.DOTALL)
"""What decides where JSON's strings, objects and lists begin and end."""
AFTER_STRING = re.compile(r'\s*(?:[:}\]]|,\s*(?:["{\[\d}\]-]|true|false|null|$)|$)')
"""What may follow the quotation mark that ends a string."""


def parse(text: str) -> HtmlElement:
    """A page's text -> its tree; never fails. Of absurdly deep nesting the boxes are left out."""
    # lxml refuses text with an XML declaration that names an encoding
    text = NOT_XML.sub(" ", re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\0", ""))
    text = ENDS.sub("", text)
    tree, is_whole = _parsed(text)
    return tree if is_whole else _parsed(BOXES.sub("", text))[0]


def _parsed(text: str) -> tuple[HtmlElement, bool]:
    """A text's tree, and whether it is of use: the parser gives up at 2,048 levels."""
    parser = HTMLParser(huge_tree=True)
    try:
        tree = document_fromstring(text or "<html/>", parser=parser)
    except (ParserError, ValueError):
        return document_fromstring("<html/>"), True
    cut_off = any("depth" in entry.message.lower() for entry in parser.error_log)
    return tree, not cut_off and not TOO_DEEP(tree.getroottree())


def text_of(element: HtmlElement) -> str:
    """An element's text with single spaces."""
    return " ".join(str(element.text_content()).split())


REFRESH = re.compile(
    r"<meta\b(?=[^<>]*\bhttp-equiv\s*=\s*[\"']?refresh\b)[^<>]*\bcontent\s*=\s*(?P<q>[\"'])\s*"
    r"(?P<after>\d{1,3})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?(?P<to>[^\"'<>]+?)[\"']?\s*(?P=q)",
    re.IGNORECASE,
)
SOON_S = 10
"""A page that is replaced later than this is meant to be read."""
REFRESH_CHARS = 50_000


def refresh_target(html: str) -> str | None:
    """The address, perhaps a relative one, to which a page sends readers on; None if to none.

    By ``<meta http-equiv="refresh" content="0; url=...">``, within ten seconds.
    """
    found = REFRESH.search(html[:REFRESH_CHARS])
    if not found or int(found["after"]) > SOON_S:
        return None
    return unescape(found["to"]).strip() or None


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
    for value in json_ld_values(tree):
        yield from _objects(value, 0)


def json_ld_values(tree: HtmlElement) -> Iterator[Any]:
    """What each JSON-LD script of the page holds, mended where it is broken."""
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        yield read_json(str(script.text_content()))


def read_json(text: str) -> Any:
    """JSON as sites write it -> its value; None if it cannot be mended either.

    Within comment marks, with line breaks in strings, escaped for HTML, with a comma too many,
    with bare quotation marks in strings, or cut off.
    """
    for mark in ("<!--", "-->", "//<![CDATA[", "//]]>", "<![CDATA[", "]]>"):
        text = text.replace(mark, "")
    text = text.strip().rstrip(";")
    for repair in (str, repair_json):
        try:
            return json.loads(
                repair(text[:MENDED_CHARS] if repair is repair_json else text), strict=False
            )
        except (ValueError, RecursionError):
            continue
    return None


def repair_json(text: str) -> str:
    """Broken JSON -> JSON that more likely reads."""
    if text.startswith(("{&quot;", "[{&quot;", "[&quot;")):
        text = unescape(text)
    out: list[str] = []
    closers: list[str] = []
    at, in_string, begun = 0, False, 0
    for mark in MARKS.finditer(text):
        out.append(text[at : mark.start()])
        at, found = mark.end(), mark[0]
        if in_string:
            found, in_string = _in_string(text, at, found)
        elif found == '"':
            in_string, begun = True, len(out)
        elif found in "{[":
            closers.append("}" if found == "{" else "]")
        elif found in "}]":
            _drop_comma(out)
            if closers:
                closers.pop()
        out.append(found)
    if in_string:
        del out[begun:]  # cut off: half an address is none
    else:
        out.append(text[at:])
    _drop_comma(out)
    whole = "".join(out).rstrip()
    return whole + ("null" if whole.endswith(":") else "") + "".join(reversed(closers))


def _in_string(text: str, at: int, found: str) -> tuple[str, bool]:
    """A mark within a string that ends at ``at`` -> how to write it, whether the string goes on."""
    if found.startswith("\\"):
        return (found if found[1:] in '"\\/bfnrtu' else found[1:]), True
    if found != '"':
        return found, True
    return ('"', False) if AFTER_STRING.match(text, at) else ('\\"', True)


def _drop_comma(out: list[str]) -> None:
    """Drop a comma that stands before a closing bracket, or before the end."""
    if out and (bare := out[-1].rstrip()).endswith(","):
        out[-1] = bare[:-1]


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list) and depth < JSON_LD_DEPTH:
        for inner in value:
            yield from _objects(inner, depth + 1)
