"""Probes the address of a recording: whether it plays, or why not.

Of a file the first bytes and those that its index points to are fetched, of a stream the manifest
and the beginning of one rendition; an embed is probed through yt-dlp. Nothing larger than a few
hundred kilobytes is fetched whole. The caller passes the function that fetches byte ranges.

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
    ProbeTarget,
    RequestBudget,
    kind_state,
)
from aligner.discovery.probe.http_errors import explain, explain_page, host_of
from aligner.discovery.probe.tracks import captions_of
from aligner.errors import AddressRefused, MediaUnavailable, PageUnavailable
from aligner.net.budget import BudgetExceeded, BudgetLimits, limited
from aligner.net.guard import INTERNET, Network, names_media
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.rate_limit import HostThrottle
from aligner.types import MediaInfo, MediaLink, MediaState, PartialContent, ProbeResult

__all__ = ["Ask", "ProbeOptions", "captions_of", "probe"]

MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<!--")
PAGE_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """Limits of probing one address."""

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
    """Limits yt-dlp's requests per host."""
    net: NetworkOptions = NET
    """Proxy, cookies, headers, user agent and retries of yt-dlp."""


DEFAULTS = ProbeOptions()


def probe(link: MediaLink, ask: Ask, options: ProbeOptions = DEFAULTS) -> ProbeResult:
    """Probe a link; returns its state, the reason, and its properties. Failures are results too."""
    with limited(BudgetLimits(seconds=options.total_s)):
        return _probe(link, ask, options)


def _probe(link: MediaLink, ask: Ask, options: ProbeOptions) -> ProbeResult:
    budget = RequestBudget(ask, options.max_requests, options.max_bytes, options.total_s)
    try:
        if _is_embed(link):
            return _probe_embed(link, options)
        if link.found_by == "ytdlp" and not _is_direct(link):
            return ProbeResult(kind_state(link.kind), link.why, _declared(link))
        return _attempt(link, budget, options)
    except AddressRefused as error:
        return ProbeResult("refused", error.why)
    except PageUnavailable as error:
        state: MediaState = "refused" if error.http_status else "unreachable"
        return ProbeResult(state, error.why, http_status=error.http_status)
    except MediaUnavailable as error:
        return ProbeResult(error.state, error.why, http_status=error.http_status)
    except BudgetExceeded as error:
        return ProbeResult("unreachable", str(error))


def _attempt(link: MediaLink, ask: Ask, options: ProbeOptions) -> ProbeResult:
    """Fetch the beginning, and probe by its content, not by its declared type."""
    first = ask(link.url, 0, HEAD)
    if first.status >= 400:
        return explain(first)
    beginning = first.data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not beginning:
        return ProbeResult("not_media", "the file is empty")
    target = ProbeTarget(link, first, options.allow_private)
    if beginning.startswith(b"#EXTM3U"):
        return hls.attempt(target, ask)
    if b"<MPD" in beginning[:4096]:
        return dash.attempt(target, ask)
    if beginning[:100].lower().startswith(MARKUP) or _is_page(first, beginning):
        return explain_page(first)
    return progressive.attempt(target, ask)


def _is_page(first: PartialContent, beginning: bytes) -> bool:
    """Returns whether an answer has the type and the markup of a web page."""
    return first.content_type in PAGE_TYPES and beginning[:1] == b"<" and b"\0" not in beginning


# ---------------------------------------------------------------- through yt-dlp


def _is_embed(link: MediaLink) -> bool:
    """Returns whether the address is that of a page with a player."""
    return any(quality.mime == "text/html" for quality in link.qualities)


def _is_direct(link: MediaLink) -> bool:
    """Returns whether yt-dlp found the recording's own address, not a page that it supports."""
    return names_media(link.url) or any(link.url == quality.url for quality in link.qualities)


def _probe_embed(link: MediaLink, options: ProbeOptions) -> ProbeResult:
    """Probe an embed with yt-dlp. Raises MediaUnavailable."""
    host = host_of(link.url)
    if not options.ask_others:
        return ProbeResult("embed_only", f"a player of {host} is embedded, and was not tried")
    ytdl_options = ytdlp.YtdlOptions(
        allow_private=options.allow_private,
        network=options.network,
        timeout_s=options.timeout_s,
        throttle=options.throttle,
        net=options.net,
        referrer=link.referrer,
    )
    found = ytdlp.describe(link.url, ytdl_options)[0]
    state: MediaState = kind_state(found.kind)
    return ProbeResult(state, f"{host} has it, says yt-dlp", _declared(found))


def _declared(link: MediaLink) -> MediaInfo:
    """Returns the properties by yt-dlp, which offers only recordings with sound."""
    return MediaInfo(
        duration_ms=link.declared_duration_ms, has_audio=True, has_video=link.kind == "video"
    )
