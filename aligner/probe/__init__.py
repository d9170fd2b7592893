"""MediaLink -> what trying its address shows: that it plays, or why not.

A file is asked for its first bytes and for those that its container points to, a manifest for
itself and the beginning of one rendition, an embed through yt-dlp. Nothing is fetched whole that
is larger than a few hundred kilobytes. Who asks is handed in, with a fetcher of pieces.

How to add a kind of media: write ``probe/NAME.py`` with a function ``attempt(known, ask)``, and
add its mark to ``_attempt``.
"""

from __future__ import annotations

from dataclasses import dataclass

from aligner import ytdl
from aligner.addresses import INTERNET, Network, names_media
from aligner.errors import AddressRefused, MediaUnavailable, PageUnavailable
from aligner.manners import Manners
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.nouns import MediaLink, MediaState, Piece, Probed, Tried
from aligner.probe import dash, files, hls
from aligner.probe.base import HEAD, Ask, Known, Purse, Spent, kind_state
from aligner.probe.refusals import explain, explain_page, host_of
from aligner.probe.tracks import captions_of

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
    manners: Manners | None = None
    """Whom yt-dlp's requests heed."""
    net: NetworkOptions = NET
    """As whom, through which proxy and how often yt-dlp asks."""


DEFAULTS = ProbeOptions()


def probe(link: MediaLink, ask: Ask, options: ProbeOptions = DEFAULTS) -> Tried:
    """A link -> its state, a clause about it, and what is in it. Never raises for what it meets."""
    purse = Purse(ask, options.max_requests, options.max_bytes, options.total_s)
    try:
        if _is_embed(link):
            return _described(link, options)
        if link.found_by == "ytdlp" and not _is_direct(link):
            return Tried(kind_state(link.kind), link.why, _declared(link))
        return _attempt(link, purse, options)
    except AddressRefused as error:
        return Tried("refused", error.why)
    except PageUnavailable as error:
        state: MediaState = "refused" if error.http_status else "unreachable"
        return Tried(state, error.why, http_status=error.http_status)
    except MediaUnavailable as error:
        return Tried(error.state, error.why, http_status=error.http_status)
    except Spent:
        return Tried("unreachable", "trying it took too long or too many requests")


def _attempt(link: MediaLink, ask: Ask, options: ProbeOptions) -> Tried:
    """Ask for the beginning, and go by what it is rather than by what it is called."""
    first = ask(link.url, 0, HEAD)
    if first.status >= 400:
        return explain(first)
    beginning = first.data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not beginning:
        return Tried("not_media", "the file is empty")
    known = Known(link, first, options.allow_private)
    if beginning.startswith(b"#EXTM3U"):
        return hls.attempt(known, ask)
    if b"<MPD" in beginning[:4096]:
        return dash.attempt(known, ask)
    if beginning[:100].lower().startswith(MARKUP) or _is_page(first, beginning):
        return explain_page(first)
    return files.attempt(known, ask)


def _is_page(first: Piece, beginning: bytes) -> bool:
    """Whether an answer is a web page by its type, and markup by what it is."""
    return first.content_type in PAGE_TYPES and beginning[:1] == b"<" and b"\0" not in beginning


# ---------------------------------------------------------------- through yt-dlp


def _is_embed(link: MediaLink) -> bool:
    """Whether the address is that of a page with a player."""
    return any(quality.mime == "text/html" for quality in link.qualities)


def _is_direct(link: MediaLink) -> bool:
    """Whether yt-dlp found the recording's own address, rather than a page that it knows."""
    return names_media(link.url) or any(link.url == quality.url for quality in link.qualities)


def _described(link: MediaLink, options: ProbeOptions) -> Tried:
    """What yt-dlp says of an embed. Raises MediaUnavailable."""
    host = host_of(link.url)
    if not options.ask_others:
        return Tried("embed_only", f"a player of {host} is embedded, and was not tried")
    how = ytdl.YtdlOptions(
        allow_private=options.allow_private,
        network=options.network,
        timeout_s=options.timeout_s,
        manners=options.manners,
        net=options.net,
    )
    found = ytdl.describe(link.url, how)[0]
    state: MediaState = kind_state(found.kind)
    return Tried(state, f"{host} has it, says yt-dlp", _declared(found))


def _declared(link: MediaLink) -> Probed:
    """What yt-dlp says is in a recording: it offers only what has sound."""
    return Probed(
        duration_ms=link.declared_duration_ms, has_audio=True, has_video=link.kind == "video"
    )
