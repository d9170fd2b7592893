"""The texts of a page's scripts, with what is handed over in pieces put together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from aligner._util.surrogates import encodable
from aligner.discovery.html import unescape_ascii

MAX_CHARS = 5_000_000
"""Characters of one text; the rest is ignored."""
PIECE = re.compile(
    r"([\w$]{1,60})\s*(?:\|\|\s*\[\]\s*\)\s*)?\.\s*(?:push|enqueue)\(\s*(?:\[\s*\d+\s*,\s*)?"
    r"(\"(?:[^\"\\]++|\\.)*+\"|'(?:[^'\\]++|\\.)*+')\s*+(?:\]\s*+)?\)",
    re.DOTALL,
)
"""A call that adds a string to a queue, like ``self.__next_f.push([1, "..."])`` of Next.js."""
PIECE_HINT = re.compile(r"\.\s*(?:push|enqueue)\(\s*(?:\[\s*\d+\s*,\s*)?[\"']")
CONCATENATION = re.compile(r"(?<!\\)([\"'])\s{0,20}\+\s{0,20}\1")


def script_texts(tree: HtmlElement) -> Iterator[str]:
    """Yield the text of each script but JSON-LD, then that of each queue, all unescaped.

    A queue's text is what all scripts together add to it, in the page's order: an address may be
    cut anywhere between two pieces.
    """
    queues: dict[str, list[str]] = {}

    def collect(found: re.Match[str]) -> str:
        if (piece := _string(found[2])) is None:
            return found[0]
        queues.setdefault(found[1], []).append(piece)
        return ""

    for script in tree.iter("script"):
        text = (script.text or "")[:MAX_CHARS]
        if "ld+json" in script.get("type", ""):
            continue
        if PIECE_HINT.search(text):
            text = PIECE.sub(collect, text)
        yield unescape_ascii(CONCATENATION.sub("", text))
    for pieces in queues.values():
        yield unescape_ascii("".join(pieces)[:MAX_CHARS])


def _string(literal: str) -> str | None:
    """The value of a string of JavaScript; None if it is not also one of JSON."""
    if literal.startswith("'"):
        literal = '"' + literal[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
    try:
        value = json.loads(literal, strict=False)
    except ValueError:
        return None
    return encodable(value) if isinstance(value, str) else None
