"""Recordings that a frame's address names, like ``/player?file=https%3A%2F%2Fcdn.example%2Fa.mp3``.

A frame may also show a recording itself, and a Flash player has its parameters in ``flashvars``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml.html import HtmlElement

from aligner.discovery.html import decode_base64_addresses
from aligner.discovery.sources.base import ParsedPage, clean_address
from aligner.discovery.sources.renditions import link_of
from aligner.net.guard import names_media, suffix_of
from aligner.types import MediaKind, MediaLink, Rendition

FILE_KEY = re.compile(
    r"(?:audio|video|media|sound|podcast|mp3|mp4|m3u8|hls|stream|track|clip|file)"
    r"(?:[-_]?(?:url|src|uri|file))?",
    re.IGNORECASE,
)
"""Parameters that hold the address of a recording, also one without a suffix."""
OTHER_KEY = re.compile(
    r"poster|thumb|image|preview|advert|^ads?$|^ad[-_]|vast|preroll|caption|subtitle|page|share|^ref",
    re.IGNORECASE,
)
TITLE_KEYS = ("title", "name", "headline")
FLASH_NAMES = ("flashvars", "movie", "src", "url", "filename")
"""Names of <param> elements that hold an address or parameters."""
MOST_NESTED = 2
"""Frames named by a frame's parameters that are looked into."""
MAX_ADDRESS = 8_000
MOST_PARAMETERS = 100
"""Parameters of an address that are looked at."""
CERTAIN = 42

Parameter = tuple[str, str]
"""A name, and a complete address."""


def link(document: ParsedPage, frame: HtmlElement, addresses: Iterable[str]) -> MediaLink | None:
    """Returns a link to the recording that a frame names; None where it names none.

    ``addresses`` are those of the frame, as its attributes have them.
    """
    given = [address for address in (*addresses, *_of_flash(frame)) if address]
    named = [pair for address in given for pair in _named(document, address, MOST_NESTED)]
    files = [(key, file) for key, value in named if (file := _file(document, key, value))]
    kind: MediaKind = "video" if any("video" in key.lower() for key, _ in files) else "audio"
    why = "a frame's address names it"
    found = link_of("embeds", [file for _, file in files], kind, why, CERTAIN)
    titles = (v for a in given for k, v in _pairs(a) if k.lower() in TITLE_KEYS and v.strip())
    return found and replace(found, title=next(titles, None) or frame.get("title") or None)


def _of_flash(frame: HtmlElement) -> Iterator[str]:
    """Yield the addresses and parameters of a Flash player."""
    if variables := frame.get("flashvars"):
        yield f"?{variables}"
    for child in frame.iterchildren("param"):
        name, value = child.get("name", "").lower(), child.get("value", "")
        if name in FLASH_NAMES and value:
            yield f"?{value}" if name == "flashvars" else value


def _named(document: ParsedPage, address: str, depth: int) -> Iterator[Parameter]:
    """Yield an address and those in its parameters, the latter as the frame resolves them."""
    frame = document.absolute(address) or document.base
    yield "", address
    for key, value in _pairs(address):
        given = clean_address(decode_base64_addresses(value))
        if OTHER_KEY.search(key) or not ("/" in given or names_media(given)):
            continue
        try:
            full = urljoin(frame, given)
        except ValueError:
            continue
        yield key, full
        if depth:
            yield from islice(_named(document, full, depth - 1), 1, None)


def _pairs(address: str) -> Iterator[tuple[str, str]]:
    """Yield the parameters of an address's query and fragment."""
    try:
        parts = urlsplit(clean_address(address[:MAX_ADDRESS]))
    except ValueError:
        return
    for text in (parts.query, parts.fragment.partition("?")[2] or parts.fragment):
        few = "&".join(text.split("&", MOST_PARAMETERS)[:MOST_PARAMETERS])
        for key, value in parse_qsl(few, keep_blank_values=True):
            yield (key, value) if value else ("", key)  # the address is all of the query


def _file(document: ParsedPage, key: str, address: str) -> Rendition | None:
    """A rendition, where an address has the suffix of a recording or its parameter is named so."""
    is_named = FILE_KEY.fullmatch(key) and not suffix_of(address)
    return document.rendition(address) if is_named or names_media(address) else None
