"""Addresses without a media suffix in attributes, like ``data-audio-url="/audios/5481/download"``.

Stimulus, Vue and other scripts keep a player's address there. Such an address is taken for a
recording's only where the attribute's name or its element says audio or video.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from aligner.discovery.html import unescape_ascii
from aligner.discovery.sources.base import ParsedPage, clean_address
from aligner.discovery.sources.providers import recording_at
from aligner.discovery.sources.renditions import is_manifest, kind_of, link_of
from aligner.net.guard import suffix_of
from aligner.types import MediaKind, MediaLink

MAX_VALUE = 20_000
ADDRESS = re.compile(r"(?:https?:)?//[^\s\"'<>{}]+|\.{0,2}/[^\s\"'<>{}]+", re.IGNORECASE)
SLASH = re.compile("/|%2f", re.IGNORECASE)
QUOTED = re.compile(r"\s*(['\"`])(.*)\1\s*", re.DOTALL)
"""A string of JavaScript, as Vue has it in ``:src="'...'"``."""
BOUND = (":", "v-bind:", "[", "x-bind:", "ng-")
"""How attributes begin that Vue, Angular and Alpine evaluate."""
SAYS_AUDIO = re.compile(
    r"audio|sound|podcast|mp3|listen|speech|(?:^|[-_:.])tts(?:[-_:.]|$)", re.IGNORECASE
)
SAYS_VIDEO = re.compile(r"video|mp4|(?:^|[-_:.])hls(?:[-_:.]|$)", re.IGNORECASE)
SAYS_ADDRESS = re.compile(
    r"(?:^|[-_:.])(?:\w*url|\w*uri|\w*src|href|\w*file|source|path|stream|download|media)"
    r"(?:[-_:.]?(?:value|param))?\]?$",
    re.IGNORECASE,
)
"""Names of attributes that hold an address; Stimulus ends them with -value or -param."""
OTHER_THING = re.compile(
    r"poster|thumb|image|img|cover|preview|trailer|icon|logo|advert|vast|preroll|title|caption"
    r"|tracking|subtitle|transcript|share|permalink|page|embed|iframe|login|api|endpoint|config"
    r"|template|type|duration|length|label|analytics|event|playlist|feed|rss|channel|live|link"
    r"|canonical|comment",
    re.IGNORECASE,
)
NO_ELEMENTS = frozenset(
    ("img", "iframe", "frame", "script", "link", "meta", "html", "body", "form")
)
OTHER_SUFFIX = re.compile(r"\.(?!php|as[hp]x|axd|cgi|do|jsp)[a-z][a-z\d]{1,4}")
"""The suffix of a file, besides those of a server's programs."""
PAGE_FOLDER = re.compile(
    r"/(?:embed|iframe|share|login|search|tag|category|author)(?:/|$)", re.IGNORECASE
)
DELIVERY = re.compile(
    r"/(?:download|stream|play|file|media|audio|mp3|mp4|raw|content|listen|source)s?(?:[/?.]|$)|\?",
    re.IGNORECASE,
)
"""Signs that an address delivers a file rather than a page."""
KEYED = re.compile(
    r"[\"']?([\w-]{0,30}(?:audio|video|podcast|sound|mp3|mp4)[\w-]{0,30})[\"']?\s*:\s*"
    r"[\"']((?:https?:)?//[^\s\"'<>]{4,1000}|/[^\s\"'<>]{4,1000})[\"']",
    re.IGNORECASE,
)
"""A setting like ``"audioUrl": "https://..."``."""
MOST_INNER = 60
"""An element with more elements within is no player."""
FROM_DATA, MAY_BE_PAGE = 40, -12


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield a link for each attribute with such an address."""
    for element in document.tree.iter(etree.Element):
        if element.tag in NO_ELEMENTS:
            continue
        for name, value in element.attrib.items():
            if SLASH.search(value) and _may_hold(element, name):
                for address, kind in _addresses(element, name, value[:MAX_VALUE]):
                    if link := _link(document, name, address, kind):
                        yield document.in_region(_titled(link, element), element)


def _may_hold(element: HtmlElement, name: str) -> bool:
    """Whether an attribute is a script's: data-..., an evaluated one, one of a custom element."""
    is_custom = "-" in str(element.tag) and not str(element.tag).startswith("amp-")
    return name.startswith(("data-", *BOUND)) or is_custom


def _addresses(element: HtmlElement, name: str, value: str) -> Iterator[tuple[str, MediaKind]]:
    """Yield the addresses in an attribute, each with what its name or element says it is."""
    if quoted := QUOTED.fullmatch(value):
        value = quoted[2]
    bare = clean_address(value)
    if ADDRESS.fullmatch(bare):
        if kind := _kind(element, name, is_delivery=bool(DELIVERY.search(bare))):
            yield bare, kind
    elif "{" in value:
        for key, address in KEYED.findall(unescape_ascii(value)):
            if not OTHER_THING.search(key):
                yield address, "video" if SAYS_VIDEO.search(key) else "audio"


def _kind(element: HtmlElement, name: str, is_delivery: bool) -> MediaKind | None:
    """What an attribute's name says, else its element; None if neither says audio or video.

    An element tells only where the address seems to deliver a file: teasers of videos hold the
    addresses of their pages.
    """
    bare = name.removeprefix("data-")
    if OTHER_THING.search(bare):
        return None
    if kind := _said(bare):
        return kind
    if not is_delivery or not SAYS_ADDRESS.search(bare):
        return None
    names = (str(element.tag), element.get("class", ""), element.get("id", ""),
             element.get("data-controller", ""), element.get("data-type", ""))  # fmt: skip
    if kind := _said(" ".join(names)):
        return kind
    inner = list(islice(element.iter("*"), MOST_INNER + 1))
    if len(inner) > MOST_INNER:
        return None
    tags = {one.tag for one in inner}
    return "audio" if "audio" in tags else "video" if "video" in tags else None


def _said(names: str) -> MediaKind | None:
    if SAYS_AUDIO.search(names):
        return "audio"
    return "video" if SAYS_VIDEO.search(names) else None


def _link(document: ParsedPage, name: str, address: str, kind: MediaKind) -> MediaLink | None:
    """A link to an address that has no media suffix, and no other."""
    is_file = kind_of(address) or is_manifest(address)
    if is_file or OTHER_SUFFIX.fullmatch(suffix_of(address)) or PAGE_FOLDER.search(address):
        return None
    rendition = document.rendition(address)
    if (
        rendition is None
        or recording_at(rendition.url)
        or not urlsplit(rendition.url).path.strip("/")
    ):
        return None
    points = FROM_DATA if DELIVERY.search(address) else FROM_DATA + MAY_BE_PAGE
    return link_of("players", [rendition], kind, f"an address of {kind} ({name})", points)


def _titled(link: MediaLink, element: HtmlElement) -> MediaLink:
    title = element.get("data-title") or element.get("title") or element.get("aria-label")
    return replace(link, title=title or None)
