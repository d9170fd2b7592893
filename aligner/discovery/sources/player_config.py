"""Finds media in the settings of players, in scripts and data attributes.

Nothing is run and no player's grammar is known: media addresses stand in JSON or JavaScript as
text, often escaped once or twice. A script that names many recordings is a site's whole state;
of those only the ones beside the article's title or number are the article's.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from aligner.discovery.durations import duration_ms
from aligner.discovery.html import decode_base64_addresses, unescape_ascii
from aligner.discovery.sources import data_addresses
from aligner.discovery.sources.address_words import ad_mark, is_site_file
from aligner.discovery.sources.base import ParsedPage, clean_address
from aligner.discovery.sources.json_hosts import object_around, resolve
from aligner.discovery.sources.providers import recording_at
from aligner.discovery.sources.renditions import is_manifest, kind_of, link_of, same_recording
from aligner.discovery.sources.script_text import MAX_CHARS, script_texts
from aligner.net.guard import MEDIA_SUFFIXES
from aligner.types import MediaLink, Relation, Rendition, Track

SUFFIXES = "|".join(sorted((s[1:] for s in MEDIA_SUFFIXES - {".ts"}), key=len, reverse=True))
FILE = re.compile(rf"\.(?:{SUFFIXES})(?![\w/-]|\.\w)", re.IGNORECASE)
CAPTION_FILE = re.compile(r"\.(?:vtt|srt|ttml|dfxp)(?![\w/-]|\.\w)", re.IGNORECASE)
STOPS = " \t\r\n\"'<>\\`|{}()[],;"
"""Characters that end an address in JSON or a script."""
SCHEME = re.compile(r"(?:https?:)?//", re.IGNORECASE)
QUERY = re.compile(r"\?[^\s\"'<>\\`]{0,1500}")
"""A query after a file's suffix."""
HOSTED = re.compile(
    r"(?:https?:)?//(?:cdn\.jwplayer\.com|content\.jwplatform\.com|players\.brightcove\.net)"
    r"/[^\s\"'<>\\`]{8,300}"
)
YOUTUBE = re.compile(r"videoId[\"']?\s*:\s*[\"']([\w-]{11})[\"']")
HINT = re.compile(
    rf"\.(?:{SUFFIXES})(?![\w-])|jwplayer|jwplatform|brightcove|YT\.Player", re.IGNORECASE
)
KEY = re.compile(r"([\w$-]{1,40})[\"']?\s*[:=]\s*(?:\[\s*)?[\"']$")
TITLE = re.compile(r"[\"'](?:title|name|headline)[\"']\s*:\s*[\"]([^\"]{3,300})\"")
LENGTH = re.compile(
    r"(?:duration|length)(?:_?in_?seconds|_?seconds)?[\"']?\s*:\s*"
    r"(?:[\"']([^\"'{}\[\]]{1,30})[\"']|(\d{1,5}(?:\.\d+)?)(?=\s*[,}]))",
    re.IGNORECASE,
)
LONGEST_S = 6 * 3600
"""Larger bare numbers are milliseconds in some players, and seconds in others."""
NOT_IT = re.compile(
    r"preview|thumb|poster|hover|image|advert|preroll|^ads?$|^ad[-_]|vast|intro|trailer|^live|radio(?!.{0,60}player)|notif",
    re.IGNORECASE,
)
"""Names of keys and attributes whose media is not a recording of the article."""
BACKGROUND = re.compile(r"background|(?:^|[-_])bg(?=$|[-_])", re.IGNORECASE)
"""Names of silent videos behind a headline."""
LISTS = ("sources", "Sources", "streams", "renditions")
LIST = re.compile(rf"(?:{'|'.join(LISTS)})[\"']?\s*[:=]\s*\[")
"""Lists of one recording's renditions."""
SETTINGS = frozenset("source sources props config options setup settings playlist params".split())
"""Attributes, besides data-..., in which sites keep a player's settings."""
LADDER = re.compile(r"[-_]\d{3,5}(?:k|p|kbps)?\.\w+(?:\?.*)?$|\.\w+(?:\?.*)?$")
MANY = 4
"""If a script names more recordings, not all are the article's."""
MOST = 200
"""Addresses of one script that are read at most."""
AROUND = 500
"""Characters of context before and after an address, up to the next address."""
CERTAIN = 38
SECOND = -10
FROM_DATA = 40


@dataclass(frozen=True, slots=True)
class UrlInContext:
    """An address in a script, and the text around it."""

    rendition: Rendition
    before: str
    after: str
    listed: str | None = None
    """A key of the list of one recording's sources that it is part of; None if of none."""
    points: int = 0


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield a link for each recording, those of data attributes first."""
    yield from _data(document)
    yield from data_addresses.find(document)
    for text in script_texts(document.tree):
        if HINT.search(text):
            for link in _recordings(document, text):
                yield replace(link, why=f"a player's settings in a script{_of(link)}")


def _of(link: MediaLink) -> str:
    return "" if link.relation != "other" else " that names many recordings"


# ---------------------------------------------------------------- data attributes


def _data(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield links from attributes that hold an address or a player's settings."""
    for element in document.tree.iter(etree.Element):
        for name, value in element.attrib.items():
            if _is_settings(element, name) and (FILE.search(value) or "aHR0c" in value):
                for link in _of_attribute(document, element, name, value):
                    placed = document.in_region(link, element)
                    if placed.relation != "article" or not BACKGROUND.search(name):
                        yield placed


def _is_settings(element: HtmlElement, name: str) -> bool:
    """Whether an attribute may hold a player's settings.

    These are data-..., what Vue, Angular and Alpine evaluate, handlers of clicks, all attributes of
    custom elements (``<video-player source="{...}">``), and the values of hidden fields.
    """
    if name.startswith(("data-", *data_addresses.BOUND)) or name == "onclick":
        return not NOT_IT.search(name.removeprefix("data-"))
    if element.tag == "input":
        return name == "value" and not NOT_IT.search(element.get("name", ""))
    tag = str(element.tag)
    its_own = "-" in tag and not tag.startswith("amp-")
    return (its_own or name in SETTINGS) and not NOT_IT.search(name)


def _of_attribute(
    document: ParsedPage, element: HtmlElement, name: str, value: str
) -> Iterator[MediaLink]:
    why = f"a player's settings ({name})"
    bare = clean_address(value)
    if kind_of(bare) and not re.search(r"[\s{\"'(]", bare):
        kind = element.get("type") or element.get("data-type")
        rendition = document.rendition(bare, _ad_label(name), kind)
        if link := link_of("players", [rendition], None, why, FROM_DATA):
            title = element.get("data-title") or element.get("title") or None
            yield replace(link, title=title)
        return
    text = decode_base64_addresses(unescape_ascii(value[:MAX_CHARS]))
    for link in _recordings(document, text, _one_of_ladder):
        yield replace(link, why=why)


# ---------------------------------------------------------------- addresses in a text


def _one_of_ladder(url: str) -> str:
    """Returns a key that is equal for renditions of one player that differ only in bitrate."""
    return LADDER.sub("", url)


def _recordings(
    document: ParsedPage, text: str, key: Callable[[str], str] = same_recording
) -> Iterator[MediaLink]:
    """Yield a link for each recording that the text of a script or attribute names."""
    groups: dict[str, list[UrlInContext]] = {}
    for named in _addresses(document, text):
        groups.setdefault(named.listed or key(named.rendition.url), []).append(named)
    tracks = tuple(_tracks(document, text)) if len(groups) == 1 else ()
    for group in groups.values():
        points = CERTAIN + max(named.points for named in group)
        link = link_of("players", (named.rendition for named in group), None, "", points)
        if link is None:
            continue
        kind = link.kind if kind_of(link.url) or link.kind == "video" else "video"
        relation: Relation = "article"
        if len(groups) > MANY and not any(_is_articles(document, named) for named in group):
            relation = "other"
        elif is_site_file(link.url):
            relation = "page"
        first = group[0]
        yield replace(
            link,
            kind=kind,
            relation=relation,
            title=_title(first) if len(groups) <= MANY else None,
            declared_duration_ms=_length(first),
            tracks=tracks,
        )


def _addresses(document: ParsedPage, text: str) -> Iterator[UrlInContext]:
    """Yield media files, and recordings at hosts whose scripts make the player."""
    files = [(start, end, text[start:end]) for start, end in _files(FILE, text)]
    hosted = [(m.start(), m.end(), m[0]) for m in islice(HOSTED.finditer(text), MOST)]
    places = files + hosted
    ends = sorted(end for _, end, _ in places)
    starts = sorted(start for start, _, _ in places)
    for start, end, address in places:
        before = text[max(0, start - AROUND, *ends[: bisect(ends, start)][-1:]) : start]
        after = text[end : min(end + AROUND, *starts[bisect(starts, end) :][:1], len(text))]
        key = KEY.search(before[-60:])
        if key and (NOT_IT.search(key[1]) or BACKGROUND.search(key[1])):
            continue
        full = _completed(text, start, address)
        rendition = document.rendition(full, _ad_label(key[1] if key else ""))
        if rendition and (kind_of(address) or is_manifest(address) or recording_at(rendition.url)):
            listed = _list_around(text, start)
            yield UrlInContext(rendition, before, after, listed, _points(text, start, address))
    at = text.find("YT.Player(")
    found = YOUTUBE.search(text, at, at + 2 * AROUND) if at >= 0 else None
    if rendition := document.rendition(found and f"https://www.youtube.com/watch?v={found[1]}"):
        yield UrlInContext(rendition, "", "")


def _points(text: str, start: int, address: str) -> int:
    """Returns SECOND for a relative address whose object also has an absolute one, else 0."""
    is_second = not SCHEME.match(address) and any(_absolute_beside(text, start))
    return SECOND if is_second else 0


def _ad_label(name: str) -> str | None:
    """Returns the name of a key or attribute, if it tells of advertisements."""
    return name if ad_mark("", name) != ad_mark("") else None


def _list_around(text: str, at: int) -> str | None:
    """Returns a key of the list of renditions around a position in a text, or None."""
    low = max(0, at - 4 * AROUND)
    begins = max(text.rfind(word, low, at) for word in LISTS)
    is_open = begins >= 0 and LIST.match(text, begins, at) and "]" not in text[begins:at]
    return f"sources at {begins}" if is_open else None


def _files(suffix: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each address with a suffix."""
    for match in islice(suffix.finditer(text), MOST):
        low = max(0, match.start() - 600)
        start = max(text.rfind(stop, low, match.start()) for stop in STOPS) + 1
        start = max(start, low)
        scheme = SCHEME.search(text, start, match.start())
        if scheme:
            start = scheme.start()
        query = QUERY.match(text, match.end())
        if scheme or text[start] == "/" or text[start - 1 : start] in ("'", '"'):
            yield start, (query or match).end()


def _completed(text: str, start: int, address: str) -> str | None:
    """Complete an address with the host that its object names.

    None where the object also has the absolute address of the file, and for a mere file's name
    where no host is named: it may be any text.
    """
    if SCHEME.match(address):
        return address
    path = f"/{address.lstrip('./').partition('?')[0]}"
    if any(absolute.partition("?")[0].endswith(path) for absolute in _absolute_beside(text, start)):
        return None
    full = resolve(text, start, address)
    return full if full != address or address.startswith("/") else None


def _absolute_beside(text: str, at: int) -> Iterator[str]:
    """Yield the absolute addresses of files in the object around a position."""
    inner = object_around(text, at)
    addresses = (inner[start:end] for start, end in _files(FILE, inner))
    return filter(SCHEME.match, addresses)


def _title(named: UrlInContext) -> str | None:
    """Returns the title nearest to an address, within the braces around it."""
    before = named.before.rpartition("{")[2]
    after = named.after.partition("}")[0]
    found = TITLE.search(before) or TITLE.search(after)
    return found[1] if found else None


def _length(named: UrlInContext) -> int | None:
    """Returns the duration nearest to an address, within the braces around it."""
    for text in (named.before.rpartition("{")[2], named.after.partition("}")[0] + "}"):
        if found := LENGTH.search(text):
            length = duration_ms(found[1] or found[2])
            return length if length and length <= 1000 * LONGEST_S else None
    return None


def _is_articles(document: ParsedPage, named: UrlInContext) -> bool:
    """Whether the text around an address has the article's title or a number of its address."""
    around = named.before + named.after
    title = (document.article.title if document.article else None) or ""
    if len(title) > 12 and title in around:
        return True
    numbers = re.findall(r"\d{5,}", document.address)
    return any(re.search(rf"(?<!\d){number}(?!\d)", around) for number in numbers)


def _tracks(document: ParsedPage, text: str) -> Iterator[Track]:
    for start, end in _files(CAPTION_FILE, text):
        nearby = text[max(0, start - 150) : end + 150]
        url = document.absolute(_completed(text, start, text[start:end]))
        if url and not re.search(r"thumb|sprite|storyboard|chapters", nearby, re.IGNORECASE):
            language = re.search(r"(?:srclang|language)[\"']\s*:\s*\"([\w-]{2,8})\"", nearby)
            yield Track(url, language[1] if language else None)
