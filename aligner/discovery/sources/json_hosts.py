"""The host that a player's settings name for the relative addresses among them.

Settings are read as text: they may be JSON or JavaScript, escaped or cut off.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from urllib.parse import urljoin

MOST_OBJECTS = 4
"""Objects around an address that are looked into, the innermost first."""
NEAR_OBJECTS = 2
"""In objects further out only a key that speaks of media counts."""
MAX_OBJECT = 20_000
"""Characters before and after an address in which its objects begin and end."""
BRACES = re.compile(r"[{}]")
HOST = re.compile(
    r"(?P<key>[\w$-]{1,40})[\"']?\s*[:=]\s*(?:\[\s*)?[\"'](?P<host>(?:https?:)?//[\w.-]{1,200}(?::\d{1,5})?"
    r"|(?:[\w-]{1,63}\.){1,8}[a-z][\w-]{1,62}(?::\d{1,5})?|(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?)"
    r"(?P<path>/[^\s\"'<>\\]{0,300})?[\"']",
    re.IGNORECASE,
)
OUTER_KEY = re.compile(r"([\w$-]{1,40})[\"']?\s*[:=]\s*\{[^{}]*$")
MEDIA_KEY = re.compile(r"cdn|media|audio|video|stream|player|file|vod|clip|sound", re.IGNORECASE)
BASE_KEY = re.compile(
    r"base|host|domain|server|origin|root|prefix|endpoint|connection", re.IGNORECASE
)
OTHER_KEY = re.compile(
    r"image|img|poster|thumb|logo|icon|page|canonical|share|link|track|analytic|pixel|^ads?[-_A-Z]|ads?$"
    r"|consent|font|style|script|js$|css|login|api|asset"
)
"""Keys of addresses of other things."""


def resolve(text: str, at: int, address: str) -> str:
    """Complete a relative address that stands at a place of a text.

    Returns it as it is where the objects around it name no host: then it is the page's.
    """
    base = _base(text, at)
    if base is None:
        return address
    if address.startswith("/") and not base.endswith("/"):
        return base + address
    return urljoin(base if base.endswith("/") else f"{base}/", address)


def object_around(text: str, at: int) -> str:
    """Returns the text of the innermost object in braces around a place; "" where there is none."""
    start, end = next(_objects(text, at), (0, 0))
    return text[start:end]


def _objects(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield where the objects around a place begin and end, the innermost first."""
    before = list(BRACES.finditer(text, max(0, at - MAX_OBJECT), at))
    starts = _unmatched(reversed(before), "}")
    ends = _unmatched(BRACES.finditer(text, at, at + MAX_OBJECT), "{")
    for start in islice(starts, MOST_OBJECTS):
        yield start, next(ends, at + MAX_OBJECT) + 1


def _base(text: str, at: int) -> str | None:
    """Returns the host that an object around a place names, perhaps with a scheme and a folder."""
    places, hosts = _hosts(text)
    for number, (start, end) in enumerate(_objects(text, at)):
        named = hosts[bisect_left(places, start) : bisect_left(places, end)]
        ranked = [(_rank(found, text, start, number), found) for found in named]
        rank, best = max(ranked, key=lambda one: one[0], default=(0, None))
        if best and rank:
            host = best["host"] if "//" in best["host"] else f"//{best['host']}"
            return f"{host}{best['path'] or ''}"
    return None


@lru_cache(maxsize=1)
def _hosts(text: str) -> tuple[list[int], list[re.Match[str]]]:
    """Returns the values of a text that may be hosts or folders, and where they stand."""
    hosts = [found for found in HOST.finditer(text) if _is_folder(found)]
    return [found.start() for found in hosts], hosts


def _is_folder(found: re.Match[str]) -> bool:
    path = found["path"] or ""
    is_file = "?" in path or "." in path.rpartition("/")[2]
    return not is_file and not OTHER_KEY.search(found["key"])


def _rank(found: re.Match[str], text: str, start: int, number: int) -> int:
    """Returns how surely a value is the host of an object's media; 0 for what is none.

    ``start`` is where the object begins; ``number`` counts from the innermost.
    """
    key = found["key"]
    before = text[start + 1 : found.start()]
    is_inner = before.count("{") > before.count("}")
    outer = OUTER_KEY.search(before) if is_inner else None
    of_media = bool(MEDIA_KEY.search(key) or (outer and MEDIA_KEY.search(outer[1])))
    if not of_media and (is_inner or number >= NEAR_OBJECTS):
        return 0
    is_base = bool(BASE_KEY.search(key))
    is_bare = found["path"] in (None, "/")
    is_host = is_bare and ("//" in found["host"] or "cdn" in key.lower())
    return (2 if of_media else 0) + (1 if is_base else 0) if is_base or is_host else 0


def _unmatched(braces: Iterable[re.Match[str]], opener: str) -> Iterator[int]:
    """Where braces stand whose other half is not on the way; ``opener`` is met first of a pair."""
    depth = 0
    for brace in braces:
        if brace[0] == opener:
            depth += 1
        elif depth:
            depth -= 1
        else:
            yield brace.start()
