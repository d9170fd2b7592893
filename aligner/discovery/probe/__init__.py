"""MediaLink -> what trying its address shows: that it plays, or why not.

A file is asked for its first bytes and for those that its container points to, a manifest for
itself and the beginning of one rendition, an embed through yt-dlp. Nothing is fetched whole that
is larger than a few hundred kilobytes. Who asks is handed in, with a fetcher of pieces.

How to add a kind of media: write ``probe/NAME.py`` with a function ``attempt(known, ask)``, and
add its mark to ``_attempt``.
"""

from __future__ import annotations

from dataclasses import dataclass

from aligner.discovery import ytdlp
from aligner.discovery.probe import dash, hls, progressive
from aligner.discovery.probe.base import (
    HEAD,
    Ask,
    BudgetExceeded,
    ProbeTarget,
    RequestBudget,
    kind_state,
)
from aligner.discovery.probe.http_errors import explain, explain_page, host_of
from aligner.discovery.probe.tracks import captions_of
from aligner.errors import AddressRefused, MediaUnavailable, PageUnavailable
from aligner.net.guard import INTERNET, Network, names_media
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.politeness import HostThrottle
from aligner.types import MediaInfo, MediaLink, MediaState, PartialContent, ProbeResult

__all__ = ["Ask", "ProbeOptions", "captions_of", "probe"]

MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<!--")
PAGE_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """Limits of trying one address."""

    allow_private: bool = False
    """Whether a manifest may name addresses on private networks."""
    ask_others: bool = True
    """Whether yt-dlp may ask the sites of embeds."""
    timeout_s: float = 20.0
    """For each step of yt-dlp on the network."""
    total_s: float = 60.0
    max_requests: int = 16
    max_bytes: int = 6_000_000
    """Of all that is fetched from the address and from what a manifest there names."""
    network: Network = INTERNET
    throttle: HostThrottle | None = None
    """Whom yt-dlp's requests heed."""
    net: NetworkOptions = NET
    """As whom, through which proxy and how often yt-dlp asks."""


DEFAULTS = ProbeOptions()


def probe(link: MediaLink, ask: Ask, options: ProbeOptions = DEFAULTS) -> ProbeResult:
    """A link -> its state, a clause about it, and what is in it. Never raises for what it meets."""
    purse = RequestBudget(ask, options.max_requests, options.max_bytes, options.total_s)
    try:
        if _is_embed(link):
            return _described(link, options)
        if link.found_by == "ytdlp" and not _is_direct(link):
            return ProbeResult(kind_state(link.kind), link.why, _declared(link))
        return _attempt(link, purse, options)
    except AddressRefused as error:
        return ProbeResult("refused", error.why)
    except PageUnavailable as error:
        state: MediaState = "refused" if error.http_status else "unreachable"
        return ProbeResult(state, error.why, http_status=error.http_status)
    except MediaUnavailable as error:
        return ProbeResult(error.state, error.why, http_status=error.http_status)
    except BudgetExceeded:
        return ProbeResult("unreachable", "trying it took too long or too many requests")


def _attempt(link: MediaLink, ask: Ask, options: ProbeOptions) -> ProbeResult:
    """Ask for the beginning, and go by what it is rather than by what it is called."""
    first = ask(link.url, 0, HEAD)
    if first.status >= 400:
        return explain(first)
    beginning = first.data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not beginning:
        return ProbeResult("not_media", "the file is empty")
    known = ProbeTarget(link, first, options.allow_private)
    if beginning.startswith(b"#EXTM3U"):
        return hls.attempt(known, ask)
    if b"<MPD" in beginning[:4096]:
        return dash.attempt(known, ask)
    if beginning[:100].lower().startswith(MARKUP) or _is_page(first, beginning):
        return explain_page(first)
    return progressive.attempt(known, ask)


def _is_page(first: PartialContent, beginning: bytes) -> bool:
    """Whether an answer is a web page by its type, and markup by what it is."""
    return first.content_type in PAGE_TYPES and beginning[:1] == b"<" and b"\0" not in beginning


# ---------------------------------------------------------------- through yt-dlp


def _is_embed(link: MediaLink) -> bool:
    """Whether the address is that of a page with a player."""
    return any(quality.mime == "text/html" for quality in link.qualities)


def _is_direct(link: MediaLink) -> bool:
    """Whether yt-dlp found the recording's own address, rather than a page that it knows."""
    return names_media(link.url) or any(link.url == quality.url for quality in link.qualities)


def _described(link: MediaLink, options: ProbeOptions) -> ProbeResult:
    """What yt-dlp says of an embed. Raises MediaUnavailable."""
    host = host_of(link.url)
    if not options.ask_others:
        return ProbeResult("embed_only", f"a player of {host} is embedded, and was not tried")
    how = ytdlp.YtdlOptions(
        allow_private=options.allow_private,
        network=options.network,
        timeout_s=options.timeout_s,
        throttle=options.throttle,
        net=options.net,
    )
    found = ytdlp.describe(link.url, how)[0]
    state: MediaState = kind_state(found.kind)
    return ProbeResult(state, f"{host} has it, says yt-dlp", _declared(found))


def _declared(link: MediaLink) -> MediaInfo:
    """What yt-dlp says is in a recording: it offers only what has sound."""
    return MediaInfo(
        duration_ms=link.declared_duration_ms, has_audio=True, has_video=link.kind == "video"
    )
