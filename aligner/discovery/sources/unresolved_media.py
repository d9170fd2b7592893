"""Detects recordings that a page has for browsers without giving their addresses.

These are players that a script fills, players of unknown hosts, announced recordings, addresses
that cannot be completed, and other protocols. Used only where no recording was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from aligner.discovery.html import json_ld, meta, text_of
from aligner.discovery.site_messages import PENDING_MEDIA
from aligner.discovery.sources import structured
from aligner.discovery.sources.address_words import is_site_file
from aligner.discovery.sources.base import ParsedPage, moment_of
from aligner.discovery.sources.html5 import is_decoration
from aligner.discovery.sources.providers import recording_at
from aligner.types import MediaState

Unresolved = tuple[MediaState, str]
"""A state, and the reason for people."""

LINE_TAGS = "p div span figcaption strong em b h2 h3 h4 li a".split()
FEW = 4
"""Elements within an element that is a line; a line has fewer."""
LINE_CHARS = 160
MOST_LINES = 5_000
PLAYER = re.compile(
    r"(?:^|[-_ ])(?:(?:video|audio|media|podcast|live|html5|vjs|jw|flow|web)[-_]?)?player"
    r"(?=$|[-_ ])|(?:^|[-_ ])(?:video|audio)"
    r"(?:[-_](?:js|embed|container|wrapper|block|holder|box|placeholder))?(?=$|[-_ ])",
    re.IGNORECASE,
)
"""Class names and ids of elements that contain players."""
ID_ATTRIBUTE = re.compile(
    r"data-(?:[\w]+-)*(?:video|media|audio|clip|player|asset|entry|episode|stream|vod|mediaasset)"
    r"[-_]?(?:id|key|guid|uuid|code|ref|pid)|data-(?:vid|mid|vpid|pid)",
    re.IGNORECASE,
)
ID = re.compile(r"[\w.:/@+=-]{2,80}")
OWN_TAG = re.compile(r"(?:^|-)(?:player|video|audio|podcast)(?:$|-)")
OTHER_SCHEME = re.compile(r"\s*(rtmp[a-z]*|rtsp|mms[a-z]?|blob|file):", re.IGNORECASE)
FRAME = re.compile(
    r"//(?:[\w-]+\.)*(?:player|embed|video|videos|audio|podcasts?|vod|stream)[\w-]*\."
    r"|[/?&=_.-](?:player|embed(?:ded)?|video(?:id)?|videos|audio|podcast|episode|vod)(?=[/?&=_.-]|$)",
    re.IGNORECASE,
)
"""Addresses of frames that contain players."""
NO_PLAYER = re.compile(
    r"facebook\.com/plugins/(?!video)|twitter\.|//x\.com|instagram\.|threads\.net|google|doubleclick"
    r"|/maps?[/.?]|captcha|datawrapper|infogram|flourish|disqus|comments?|newsletter|subscrib|survey"
    r"|weather|adserv|/ads?[/.]|consent|tagmanager|pinterest|linkedin|reddit|documentcloud|scribd"
    r"|typeform|livechat|chat\.|gallery|slideshow|scoreboard|about:|\.(?:gif|png|jpe?g|svg|pdf)(?:$|\?)",
    re.IGNORECASE,
)
FRAME_ADDRESSES = ("src", "data-src", "data-lazy-src")
NO_BOXES = ("a", "body", "html", "meta", "link", "img")
NO_ADDRESS = re.compile(r"data:|#|about:|javascript:", re.IGNORECASE)
BUTTON = re.compile(
    r"(?:^|[-_ ])(?:play|toggle|open|listen|start)[-_]?(?:audio|video|article|player)(?=$|[-_ ])"
    r"|(?:^|[-_ ])(?:audio|video)[-_]?(?:play|toggle|btn|button|trigger)(?=$|[-_ ])",
    re.IGNORECASE,
)
TINY = ("0", "1", "0px", "1px")


def unresolved(document: ParsedPage) -> Unresolved | None:
    """Returns what is known of a recording without an address; None if the page has none."""
    if document.page.content_type != "text/html":
        return None
    ways = (
        _announced,
        _relative,
        _tags,
        _other_schemes,
        _ids,
        _custom_elements,
        _frames,
        _buttons,
        _declared,
    )
    return next(filter(None, (way(document) for way in ways)), None)


def _is_ours(document: ParsedPage, element: HtmlElement) -> bool:
    """Whether an element belongs to the article, not to another story or the site."""
    return document.regions.of(element).relation == "article"


def _script(what: str) -> Unresolved:
    return "needs_script", f"{what}, which only a script fills"


def _announced(document: ParsedPage) -> Unresolved | None:
    """Find a line that announces a recording, or a live broadcast in the future."""
    for element in islice(document.tree.iter(*LINE_TAGS), MOST_LINES):
        text = text_of(element) if len(element) < FEW else ""
        is_line = len(text) <= LINE_CHARS and PENDING_MEDIA.fullmatch(text)
        if is_line and _is_ours(document, element):
            return "not_yet", f"it is announced, and not there yet: “{text}”"
    for node in json_ld(document.tree):
        begins = moment_of(str(node.get("startDate") or ""))
        if node.get("isLiveBroadcast") and begins and begins > datetime.now(UTC):
            return "not_yet", f"a live broadcast is announced for {begins:%Y-%m-%d %H:%M %Z}"
    return None


def _relative(document: ParsedPage) -> Unresolved | None:
    """Find a relative address on a page whose own address is unknown."""
    if not document.relative:
        return None
    given = document.relative[0][:100]
    beside = "no such file lies beside the page; " if document.page.path else ""
    why = f"its address is relative ({given}): {beside}give --url, the page's address"
    return "no_address", why


def _tags(document: ParsedPage) -> Unresolved | None:
    """Find <video> and <audio> elements whose address a script sets."""
    for tag in document.tree.iter("video", "audio"):
        if is_decoration(tag) or _is_hidden(tag) or not _is_by_text(document, tag):
            continue
        given = [a for e in (tag, *tag.iter("source")) if (a := e.get("src")) is not None]
        address = next(filter(None, given), "").strip()
        if found := OTHER_SCHEME.match(address):
            return _scheme(str(found[1]).lower())
        if not given or NO_ADDRESS.match(address) or is_site_file(address):
            kind = "video" if tag.tag == "video" else "audio"
            return _script(f"the page has a player (<{kind}>) without an address")
    return None


def _is_hidden(tag: HtmlElement) -> bool:
    is_tiny = tag.get("width") in TINY or tag.get("height") in TINY
    return is_tiny or "display:none" in tag.get("style", "").replace(" ", "").lower()


def _is_by_text(document: ParsedPage, element: HtmlElement) -> bool:
    """Whether an element stands in or above the article's text and belongs to the article."""
    place = document.regions.of(element)
    return place.relation == "article" and place.score >= 0


def _other_schemes(document: ParsedPage) -> Unresolved | None:
    """Find addresses of protocols other than HTTP."""
    for tag in document.tree.iter("a", "embed", "object", "source", "iframe"):
        address = str(tag.get("href") or tag.get("src") or tag.get("data") or "")
        around = tag if (parent := tag.getparent()) is None else parent  # a link leads elsewhere
        if (found := OTHER_SCHEME.match(address)) and _is_ours(document, around):
            return _scheme(str(found[1]).lower())
    return None


def _scheme(name: str) -> Unresolved:
    if name == "blob":
        return (
            "needs_script",
            "its address (blob:) was made by a script and holds in that browser only",
        )
    return "refused", f"its address begins with {name}:, and only http(s) addresses are asked"


def _ids(document: ParsedPage) -> Unresolved | None:
    """Find players with a recording's id in an attribute."""
    for element in document.tree.xpath("//*[@*[starts-with(name(), 'data-')]]"):
        if element.tag in NO_BOXES:
            continue
        given: dict[str, str] = dict(element.attrib.items())
        name = next((n for n, value in given.items() if _is_key(element, n, value)), None)
        if name and _is_by_text(document, element):
            return _script(f"the page has a player ({name}={given[name].strip()[:40]})")
    return None


def _is_key(element: HtmlElement, name: str, value: str) -> bool:
    """Whether an attribute holds a recording's id."""
    if not name.startswith("data-") or not ID.fullmatch(value.strip()):
        return False
    names = f"{element.get('class', '')} {element.get('id', '')}"
    is_players = PLAYER.search(names) or re.search("video|audio", name)
    return bool(is_players and ID_ATTRIBUTE.fullmatch(name))


def _custom_elements(document: ParsedPage) -> Unresolved | None:
    """Find custom elements that are players."""
    for element in document.tree.iter():
        tag = element.tag if isinstance(element.tag, str) else ""
        if "-" in tag and OWN_TAG.search(tag) and _is_by_text(document, element):
            return _script(f"the page has a player (<{tag[:40]}>)")
    return None


def _buttons(document: ParsedPage) -> Unresolved | None:
    """Find buttons that start playback."""
    for element in document.tree.iter("button", "a"):
        href = element.get("href", "#").strip()
        names = f"{element.get('class', '')} {element.get('id', '')}"
        leads_nowhere = href in ("", "#") or href.startswith("javascript:")
        if leads_nowhere and BUTTON.search(names) and _is_by_text(document, element):
            return _script(
                f"the page has a button that plays something (“{text_of(element)[:40]}”)"
            )
    return None


def _frames(document: ParsedPage) -> Unresolved | None:
    """Find frames with a player of an unknown host."""
    for frame in document.tree.iter("iframe", "amp-iframe"):
        source = next(filter(None, (frame.get(name, "") for name in FRAME_ADDRESSES)), "")
        address = document.absolute(source) or source
        is_player = FRAME.search(address) and not NO_PLAYER.search(address)
        if is_player and not _is_hidden(frame) and _is_ours(document, frame):
            host = (urlsplit(address).hostname or "the site").removeprefix("www.")
            return "embed_only", f"a player of {host} is embedded, in which no recording was found"
    return None


def _declared(document: ParsedPage) -> Unresolved | None:
    """Find a recording that the page declares without an address."""
    for title in structured.nameless_titles(document):
        named = f" (“{title[:80]}”)" if title else ""
        return _script(f"the page declares a recording{named} without an address")
    kind = meta(document.tree, "og:type") or ""
    if kind.startswith("video.") and kind != "video.tv_show":
        return _script(f"the page declares itself a video ({kind})")
    return None


def mentioned(document: ParsedPage) -> Iterator[str]:
    """Yield the pages of recordings at known hosts that the article only links to."""
    for link in document.tree.iter("a"):
        if (known := recording_at(link.get("href", ""))) and _is_ours(document, link):
            yield known.page
