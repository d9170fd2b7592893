"""Parses HTML, and reads metadata and JSON-LD from its tree."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64decode
from collections.abc import Iterator
from html import unescape
from itertools import islice
from typing import Any

from lxml.etree import ParserError, XPath
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from aligner._util.surrogates import SURROGATE, encodable

BOXES = re.compile(
    r"</?(?!(?:html|head|body|title|base|meta|link|script|style|p|h[1-6]|a|iframe|embed|object"
    r"|video|audio|source|track)\b|amp-|!)[a-z][^<>]*>",
    re.IGNORECASE,
)
"""Tags that only contain other elements."""
ENDS = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
"""What follows these belongs to the body all the same, as in browsers; lxml drops it."""
NOT_XML = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that lxml accepts in HTML, but refuses to write."""
REFERENCE = re.compile(
    r"&(?:amp;)*#(?:x0*+(?P<hex>[\da-f]*+)|0*+(?P<decimal>\d*+));?", re.IGNORECASE
)
"""A numeric character reference, perhaps of a reference: libraries undo a second escape."""
REFERENCE_DIGITS = 7
"""Digits of the largest code point, 1114111; a reference with more digits names no character."""
LONG_TAG = re.compile(r"<[a-z][^<>]{4000,}+", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
MOST_ATTRIBUTES = 300
"""Attributes of one element that are read. libxml2 compares each with all others."""
DEEPEST = 256
"""Levels of elements. Pages have a few dozen; reading takes time by the square of the depth."""
TOO_DEEP = XPath(f"boolean({'/*' * DEEPEST})")
MOST_ELEMENTS = 15_000
"""Elements and comments that are read of any page. Pages of news have a few thousand."""
ELEMENT_CHARS = 100
"""A page may have more elements, one for so many characters: long live blogs and lists have more
characters for each."""
COUNT = XPath("count(//*) + count(//comment())")
JSON_LD_DEPTH = 12
"""JSON-LD nested deeper than this is not read."""
MENDED_CHARS = 2_000_000
"""Characters of a broken JSON text that are repaired; the rest is ignored."""
MARKS = re.compile(r'\\.|["{}\[\]]', re.DOTALL)
"""The marks at which JSON's strings, objects and lists begin and end."""
AFTER_STRING = re.compile(r'\s*(?:[:}\]]|,\s*(?:["{\[\d}\]-]|true|false|null|$)|$)')
"""What may follow the quotation mark that ends a string."""


def parse(text: str) -> HtmlElement:
    """Parse a page; never fails. Containers are left out of a tree that is too deep."""
    # lxml refuses text with an XML declaration that names an encoding
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    text = LONG_TAG.sub(_with_few_attributes, ENDS.sub("", only_xml_characters(text)))
    tree, is_whole = _parsed(text)
    most = max(MOST_ELEMENTS, len(text) // ELEMENT_CHARS)
    return _with_few_elements(tree if is_whole else _parsed(BOXES.sub("", text))[0], most)


def size(tree: HtmlElement) -> int:
    """Returns the number of elements and comments in a tree."""
    return int(COUNT(tree.getroottree()))


def _with_few_elements(tree: HtmlElement, most: int) -> HtmlElement:
    """Cut off what follows the most elements that are read.

    Reading takes tens of microseconds for an element, whatever its length: a page of 1 MB can have
    200,000.
    """
    if size(tree) <= most:
        return tree
    last = next(islice(tree.iter(), most - 1, None))
    del last[:]
    for element in (last, *last.iterancestors()):
        if (parent := element.getparent()) is not None:
            del parent[parent.index(element) + 1 :]
    return tree


def only_xml_characters(text: str) -> str:
    """Returns HTML in which what XML cannot have is a space, also where it is escaped.

    These are control characters, surrogates, U+FFFE and U+FFFF. NULs are removed.
    """
    text = NOT_XML.sub(" ", text.replace("\0", ""))
    return REFERENCE.sub(_xml_reference, text) if "#" in text else text


def _with_few_attributes(found: re.Match[str]) -> str:
    """Returns the beginning of a long tag, without attributes after the most that are read."""
    tag = found[0]
    bare = QUOTED.sub(lambda part: "." * len(part[0]), tag)
    gaps = list(islice(re.finditer(r"[\s/\"']+", bare), MOST_ATTRIBUTES + 1))
    return tag if len(gaps) <= MOST_ATTRIBUTES else tag[: gaps[-1].start()]


def _xml_reference(found: re.Match[str]) -> str:
    """Returns a character reference, or a space if XML cannot have the character."""
    digits, base = (found["hex"], 16) if found["hex"] is not None else (found["decimal"], 10)
    if len(digits) > REFERENCE_DIGITS:
        return " "
    return " " if NOT_XML.match(chr(min(int(digits or "0", base), sys.maxunicode))) else found[0]


def _parsed(text: str) -> tuple[HtmlElement, bool]:
    """Returns a tree, and whether it is complete: the parser gives up at 2,048 levels."""
    parser = HTMLParser(huge_tree=True)
    try:
        tree = document_fromstring(text or "<html/>", parser=parser)
    except (ParserError, ValueError):
        return document_fromstring("<html/>"), True
    cut_off = any("depth" in entry.message.lower() for entry in parser.error_log)
    return tree, not cut_off and not TOO_DEEP(tree.getroottree())


def text_of(element: HtmlElement) -> str:
    """Returns an element's text with single spaces."""
    return " ".join(str(element.text_content()).split())


REFRESH = re.compile(
    r"<meta\b(?=[^<>]*\bhttp-equiv\s*=\s*[\"']?refresh\b)[^<>]*\bcontent\s*=\s*(?P<q>[\"'])\s*"
    r"(?P<after>\d{1,3})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?(?P<to>[^\"'<>]+?)[\"']?\s*(?P=q)",
    re.IGNORECASE,
)
SOON_S = 10
"""Seconds; a page with a later refresh is meant to be read."""
REFRESH_CHARS = 50_000


JSON_ESCAPE = re.compile(r"\\{1,8}(?:(?:u00|x)([2-7][\da-f])|([/\"]))", re.IGNORECASE)
HTML_ESCAPE = re.compile(
    r"&(?:amp;)*(#(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6]|x[2-7][\da-f])|amp|quot|apos|lt|gt|sol|equals"
    r"|quest|colon|period|num);",
    re.IGNORECASE,
)
"""An escape of a character of ASCII, itself escaped any number of times."""


def unescape_ascii(text: str) -> str:
    """Undo escapes of JSON (``\\u0026``, ``\\/``) and HTML (``&amp;``, ``&#38;``), however nested.

    Only visible ASCII characters are unescaped, and from HTML only what ends with a semicolon:
    in ``?a=1&copy=2`` there are two parameters.
    """
    if "\\" in text:
        text = JSON_ESCAPE.sub(lambda found: found[2] or chr(int(found[1], 16)), text)
    return HTML_ESCAPE.sub(lambda found: unescape(f"&{found[1].lower()};"), text)


BASE64_HTTP = re.compile(r"aHR0c[\w+/]{16,}={0,2}")


def decode_base64_addresses(text: str) -> str:
    """Replace each http address in base64 by the address."""

    def decoded(found: re.Match[str]) -> str:
        try:
            return b64decode(found[0] + "=" * (-len(found[0]) % 4)).decode("ascii")
        except ValueError:
            return found[0]

    return BASE64_HTTP.sub(decoded, text) if "aHR0c" in text else text


def refresh_target(html: str) -> str | None:
    """Returns the target, perhaps relative, of a page's refresh within ten seconds, or None.

    The page has ``<meta http-equiv="refresh" content="0; url=...">``.
    """
    found = REFRESH.search(html[:REFRESH_CHARS])
    if not found or int(found["after"]) > SOON_S:
        return None
    return unescape(found["to"]).strip() or None


def classes(*names: str) -> str:
    """Returns the XPath condition for an element with one of the class names."""
    tests = (f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')" for name in names)
    return " or ".join(tests)


def meta(tree: HtmlElement, *names: str) -> str | None:
    """Returns the first content of a <meta> element with one of the names, in their order."""
    for name in names:
        for value in tree.xpath("//meta[@property=$n or @name=$n]/@content", n=name):
            if text := " ".join(str(value).split()):
                return text
    return None


def json_ld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield every object in the page's JSON-LD, outer before inner ones."""
    for value in json_ld_values(tree):
        yield from _objects(value, 0)


def json_ld_values(tree: HtmlElement) -> Iterator[Any]:
    """Yield the value of each JSON-LD script of the page, repaired if it is broken."""
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        yield read_json(str(script.text_content()))


def read_json(text: str) -> Any:
    """Parse JSON as sites write it; None if it cannot be repaired.

    It may be within comment marks, have line breaks or bare quotation marks in strings, be escaped
    for HTML, have trailing commas, or be cut off.
    """
    for mark in ("<!--", "-->", "//<![CDATA[", "//]]>", "<![CDATA[", "]]>"):
        text = text.replace(mark, "")
    text = text.strip().rstrip(";")
    for repair in (str, repair_json):
        try:
            value = json.loads(
                repair(text[:MENDED_CHARS] if repair is repair_json else text), strict=False
            )
            return _encodable_value(value) if "\\" in text else value
        except (ValueError, RecursionError):
            continue
    return None


def _encodable_value(value: Any) -> Any:
    """Returns a value of JSON in which lone surrogates are U+FFFD. Raises RecursionError."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(encodable(text)) if SURROGATE.search(text) else value


def repair_json(text: str) -> str:
    """Returns a repaired JSON text, which may still be invalid."""
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
        del out[begun:]  # a string that is cut off is of no use
    else:
        out.append(text[at:])
    _drop_comma(out)
    whole = "".join(out).rstrip()
    return whole + ("null" if whole.endswith(":") else "") + "".join(reversed(closers))


def _in_string(text: str, at: int, found: str) -> tuple[str, bool]:
    """Returns a mark in a string, escaped if needed, and whether the string goes on after it."""
    if found.startswith("\\"):
        return (found if found[1:] in '"\\/bfnrtu' else found[1:]), True
    if found != '"':
        return found, True
    return ('"', False) if AFTER_STRING.match(text, at) else ('\\"', True)


def _drop_comma(out: list[str]) -> None:
    """Drop a trailing comma."""
    if out and (bare := out[-1].rstrip()).endswith(","):
        out[-1] = bare[:-1]


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list) and depth < JSON_LD_DEPTH:
        for inner in value:
            yield from _objects(inner, depth + 1)
