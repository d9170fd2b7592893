"""Explains refusals, and web pages at the address of a recording.

The patterns match texts of sites and their delivery networks. A status takes precedence over a
text, except for the ambiguous ones.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from aligner.discovery.site_messages import LOGIN_PATH, REFUSAL_WORDINGS
from aligner.net.http_status import meaning
from aligner.types import PartialContent, ProbeResult

AMBIGUOUS = (400, 401, 403, 410)
"""Statuses with several possible reasons."""

EXPIRY_NAMES = frozenset("expires expire expiry exp e validto valid_until expirationtime".split())
TOKEN_EXPIRY = re.compile(r"(?:^|[~*])exp=(\d{10})(?:[~*]|$)")
"""Within a token: st=1700000000~exp=1700003600~acl=/*~hmac=..."""


def explain(piece: PartialContent) -> ProbeResult:
    """Returns the result for an answer with a status of 400 or more."""
    status = piece.status
    if status in AMBIGUOUS:
        if has_expired(piece.url):
            why = f"its address was signed, and has expired ({status})"
            return ProbeResult("expired", why, http_status=status)
        if found := _worded(piece):
            return ProbeResult(found.state, f"{found.reason} ({status})", http_status=status)
    result = meaning(status)
    return ProbeResult(result.state, result.media_reason, http_status=status)


def explain_page(piece: PartialContent) -> ProbeResult:
    """Returns the result for a web page at the address of a recording."""
    if LOGIN_PATH.search(urlsplit(piece.url).path):
        return ProbeResult("login", "the address leads to a login page")
    return _worded(piece) or ProbeResult("not_media", "a web page stands at the media's address")


def _worded(piece: PartialContent) -> ProbeResult | None:
    text = piece.data[: 1 << 16].decode("utf-8", "replace")
    for state, sentence, pattern in REFUSAL_WORDINGS:
        if re.search(pattern, text, re.IGNORECASE):
            return ProbeResult(state, sentence)
    return None


def has_expired(url: str) -> bool:
    """Returns whether a signed address names a time of expiry that is past."""
    return any(moment < time.time() for moment in _expiries(url))


def _expiries(url: str) -> Iterator[float]:
    """Yield the times of expiry in an address's query, in seconds since 1970."""
    query = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query)}
    for name, value in query.items():
        if name in EXPIRY_NAMES and re.fullmatch(r"\d{10}(?:\d{3})?", value):
            yield float(value[:10])
        if found := TOKEN_EXPIRY.search(value):
            yield float(found[1])
    for vendor in ("amz", "goog"):
        signed, seconds = query.get(f"x-{vendor}-date", ""), query.get(f"x-{vendor}-expires", "")
        if re.fullmatch(r"\d{8}T\d{6}Z", signed) and re.fullmatch(r"\d{1,7}", seconds):
            try:
                moment = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            except ValueError:
                continue
            yield moment.timestamp() + int(seconds)


def host_of(url: str) -> str:
    """Returns the host of an address without "www."."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
