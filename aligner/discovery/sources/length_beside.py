"""Finds the length of a recording in the attributes of its player, and in the text beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from aligner.discovery.durations import clock_ms, duration_ms, labelled_ms

ATTRIBUTE = re.compile(
    r"(?:data-)?(?:[\w-]*[-_])?(?:duration|length|runtime)"
    r"(?:[-_](?P<unit>ms|millis\w*|s|secs?|seconds))?"
)
LENGTH_NAME = re.compile(
    r"(?:^|[-_ ])(?:duration|length|run-?time|total-?time|time-?total|play-?time)(?=$|[-_ ])",
    re.IGNORECASE,
)
"""Classes, ids and properties of elements with a length."""
PLAYER_TAGS = ("audio", "video", "iframe", "embed", "object", "amp-audio", "amp-video")
LEVELS = 4
BOX_CHARS = 300
BOX_TAGS = 60
"""How far around a player its box reaches, and how much there is in it at most."""
LABEL_CHARS = 60


def length_beside(element: HtmlElement) -> int | None:
    """Returns the length in milliseconds that stands at or beside a player; None if none does."""
    if length := _in_attributes(element):
        return length
    for box in islice(element.iterancestors(), LEVELS):
        if box.tag in ("body", "html", "main", "article") or not _is_own(box):
            return None
        lengths = (_said_by(inner) for inner in box.iterdescendants(etree.Element))
        if length := max(filter(None, lengths), default=None) or _in_attributes(box):
            return length
    return None


def _is_own(box: HtmlElement) -> bool:
    """Whether a box holds one player and little else."""
    if sum(1 for _ in islice(box.iter(etree.Element), BOX_TAGS)) == BOX_TAGS:
        return False
    players = sum(1 for _ in box.iter(*PLAYER_TAGS))
    return players <= 1 and len(str(box.text_content())) <= BOX_CHARS


def _in_attributes(element: HtmlElement) -> int | None:
    for name, value in element.attrib.items():
        found = ATTRIBUTE.fullmatch(str(name).lower())
        if found and (length := duration_ms(str(value))):
            return length // 1000 if (found["unit"] or "").startswith("m") else length
    return None


def _said_by(element: HtmlElement) -> int | None:
    """Returns the length that a small element says, by its name or as a label."""
    text = str(element.text_content())
    if len(text) > LABEL_CHARS:
        return None
    names = " ".join(element.get(name, "") for name in ("class", "id", "itemprop"))
    if LENGTH_NAME.search(names):
        given = (*_values(element), text)
        return next(filter(None, map(duration_ms, given)), None) or clock_ms(text)
    if element.tag == "time":
        return next(filter(None, map(_iso_ms, _values(element))), None)
    is_leaf = len(element) == 0 and element.tag not in ("option", "a")
    return labelled_ms(text) if is_leaf else None


def _values(element: HtmlElement) -> Iterator[str]:
    yield from (element.get(name, "") for name in ("content", "datetime", "data-duration"))


def _iso_ms(text: str) -> int | None:
    """Returns a <time>'s length; a moment such as "2026-11-30" or "10:15" is none."""
    return duration_ms(text) if text[:1] in ("P", "p") else None
