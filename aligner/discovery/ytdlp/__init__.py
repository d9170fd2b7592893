"""Describes and downloads recordings with yt-dlp. No other package uses yt-dlp.

yt-dlp reads no configuration files, netrc, browsers' cookies, plugins or caches, and starts no
programs. It selects and downloads the smallest rendition with sound, with the user agent, proxies,
cookies and headers of the run. HLS playlists are read by ``discovery.hls``. Errors are raised as
MediaUnavailable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aligner._util.machine_faults import causes, machine_fault
from aligner.discovery.ytdlp import dash_download, hls_download
from aligner.discovery.ytdlp.errors import as_unavailable
from aligner.discovery.ytdlp.extraction import ExtractionFailed, extract
from aligner.discovery.ytdlp.log import ErrorLog
from aligner.discovery.ytdlp.manifests import Fetched
from aligner.errors import MachineFault, MediaUnavailable, OutputError
from aligner.net import budget
from aligner.net.budget import Budget, BudgetLimits
from aligner.net.connection import Connector
from aligner.net.guard import INTERNET, Network, suffix_of
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.proxies import ProxyError
from aligner.net.rate_limit import HostThrottle, backoff_s
from aligner.net.referrer import header_value
from aligner.types import MediaKind, MediaLink, Page, Referrer, Rendition

if TYPE_CHECKING:
    from aligner.discovery.ytdlp.client import Client

Progress = Callable[[int, int | None], None]
"""Takes the bytes so far, and in all (None if unknown)."""

Info = dict[str, Any]
"""yt-dlp's description of a recording or of one rendition."""

PROTOCOLS = "https?|m3u8|m3u8_native|http_dash_segments|ism"
"""The protocols that yt-dlp implements; for others it starts programs without our guard."""
FORMAT = "/".join(f"{kind}[protocol~='^({PROTOCOLS})$']" for kind in ("ba", "b", "ba*"))
SMALLEST_WITH_SOUND = ["hasaud", "lang", "+br", "+size", "+res"]
"""The order of renditions: first by language (a dubbed one is often smaller), then by size."""
AT_MOST_ENTRIES = "1:5"
DESCRIBING = BudgetLimits(requests=50, bytes=32_000_000, answer_bytes=8_000_000, seconds=60)
"""Limits of finding out what recordings are at an address; YouTube takes about ten requests of
3 MB at most."""
DOWNLOAD_REQUESTS = 200_000
"""Of one download; 24 hours of a stream have 43,200 segments of two seconds."""
LEAST_BYTES = 10_000
"""What must arrive of a download each minute: a fifth of the lowest bit rate of speech."""


@dataclass(frozen=True, slots=True)
class YtdlOptions:
    """Limits and network options of yt-dlp."""

    allow_private: bool = False
    network: Network = INTERNET
    ffmpeg: Path | None = None
    """The ffmpeg that yt-dlp may inspect; downloading needs none."""
    timeout_s: float = 20.0
    """For each step on the network."""
    max_bytes: int = 4_000_000_000
    longest_s: float = 4 * 3600
    """For a whole download: a server that sends a byte now and then causes no timeout."""
    throttle: HostThrottle | None = None
    """Limits the requests per host, with all others of the run."""
    only_direct: bool = False
    """Whether the address must be that of a recording or manifest, not of a page with one."""
    net: NetworkOptions = NET
    """Proxy, cookies, headers, user agent and retries."""
    page: Page | None = None
    """A page that is already fetched; it is not requested again."""
    referrer: Referrer | None = None
    """The page that links or embeds the recording."""


DEFAULTS = YtdlOptions()


# ---------------------------------------------------------------- describing, downloading


def describe(url: str, options: YtdlOptions = DEFAULTS) -> tuple[MediaLink, ...]:
    """Returns the recordings at the address of a page or a recording, in the page's order.

    Raises MediaUnavailable (state "not_media" if yt-dlp does not support the address),
    MachineFault.
    """
    with _asking(url, options) as client, _within(url, budget.limited(DESCRIBING)):
        info = _info(client, url)
        entries = [e for e in _entries(info) if e.get("url") and not _is_live(e)]
        if not entries:
            raise _no_recording(url, info)
        return tuple(_link(entry) for entry in entries)


def knows(url: str) -> bool:
    """Returns whether yt-dlp has an extractor for the site of an address; sends no request."""
    from aligner.discovery.ytdlp import client

    return client.knows(url)


def fetch(
    url: str, folder: Path, options: YtdlOptions = DEFAULTS, progress: Progress | None = None
) -> Fetched:
    """Download a recording to ``folder``, which no other download uses.

    After an error parts of it may be left there. Raises MediaUnavailable, MachineFault.
    """
    with _asking(url, options) as client:
        meter = _Meter(url, options, progress)
        client.add_progress_hook(meter)
        with _within(url, budget.limited(DESCRIBING)):
            entry = _playlist_entry(url) or _entry(client, url)
        with _within(url, budget.apart(_of_download(options))):
            if entry["protocol"].startswith("m3u8"):
                return hls_download.download(client, entry, folder, options.allow_private, meter)
            if dash_download.is_dash(entry):
                return dash_download.download(client, entry, folder, options.allow_private, meter)
            path = folder / f"recording.{_extension(entry)}"
            client.dl(str(path), entry)
    if not path.is_file():
        raise MediaUnavailable(url, "unreachable", "yt-dlp downloads nothing, and gives no reason")
    return Fetched(path)


def _info(client: Client, url: str) -> Info | None:
    """Returns yt-dlp's description of an address: of other sites than it knows, from a process."""
    if knows(url):
        info: Info | None = client.extract_info(url, download=False)
        return info
    return extract(client, url)


def _of_download(options: YtdlOptions) -> BudgetLimits:
    """Returns the limits of a download."""
    return BudgetLimits(
        requests=DOWNLOAD_REQUESTS,
        bytes=options.max_bytes + DESCRIBING.bytes,
        seconds=options.longest_s,
        least_bytes=LEAST_BYTES,
    )


def _playlist_entry(url: str) -> Info | None:
    """Returns yt-dlp's description of a stream whose address names an HLS playlist; else None."""
    if suffix_of(url) != ".m3u8":
        return None
    return {"id": "recording", "url": url, "ext": "mp4", "protocol": "m3u8_native"}


def _entry(client: Client, url: str) -> Info:
    """Returns yt-dlp's description of the first recording. Raises MediaUnavailable."""
    info = _info(client, url)
    entry = next(_entries(info), None)
    if entry is None or _is_live(entry) or not entry.get("url"):
        raise _no_recording(url, info)
    return entry


# ---------------------------------------------------------------- the client


@contextmanager
def _asking(url: str, options: YtdlOptions) -> Iterator[Client]:
    """Open a client; errors in the block are raised as MediaUnavailable or MachineFault."""
    from aligner.discovery.ytdlp.client import Client, ClientOptions

    log = ErrorLog()
    net = options.net
    connecting = Connector(
        options.allow_private, options.network, net.proxies(), net.proxy_resolves, net.agent
    )
    direct_for = options.referrer if options.only_direct else None
    ways = ClientOptions(connecting, net, options.throttle, options.page, direct_for)
    with Client(_params(url, options, log), ways) as client:
        try:
            yield client
        except (MediaUnavailable, OutputError):
            raise
        except Exception as error:  # an extractor of yt-dlp may raise anything
            _close_answers(error)
            if isinstance(error, MachineFault):
                raise
            if fault := machine_fault(error):
                raise MachineFault(url, fault) from error
            if isinstance(client.refusal, ProxyError):
                raise MediaUnavailable(url, "unreachable", str(client.refusal)) from error
            if client.refusal:
                why = (
                    f"{client.refusal.address} is not a public address; "
                    "give --allow-private if you trust it"
                )
                raise MediaUnavailable(url, "refused", why) from error
            if isinstance(error, ExtractionFailed):
                raise error.unavailable from error
            raise as_unavailable(url, error, log.errors) from error
        finally:
            for answer in list(ways.answers):  # yt-dlp leaves them open after an interrupt
                answer.close()


@contextmanager
def _within(url: str, opening: AbstractContextManager[Budget]) -> Iterator[None]:
    """Hold a block to a budget; raises MediaUnavailable if an error in it comes from a limit.

    yt-dlp's errors often hide their cause.
    """
    with opening as limits:
        try:
            yield
        except (MediaUnavailable, OutputError):
            raise
        except Exception as error:
            if limits.exceeded is None:
                raise
            _close_answers(error)
            why = f"trying it was given up: {limits.exceeded}"
            raise MediaUnavailable(url, "unreachable", why) from error


def _close_answers(error: Exception) -> None:
    """Close the connections that an error of yt-dlp keeps open."""
    from yt_dlp.networking.exceptions import HTTPError

    for cause in causes(error):
        if isinstance(cause, HTTPError):
            cause.close()


def _params(url: str, options: YtdlOptions, log: ErrorLog) -> Info:
    headers = {"User-Agent": options.net.agent}
    if options.referrer and (referer := header_value(options.referrer, url)):
        headers["Referer"] = referer  # extractors hand it to players that only some sites may embed
    return {
        "logger": log,
        "quiet": True,
        "noprogress": True,
        "cachedir": False,
        "proxy": "",  # the client has its own
        "http_headers": headers,
        "usenetrc": False,
        "noplaylist": True,
        "playlist_items": AT_MOST_ENTRIES,
        "allowed_extractors": ["generic"] if options.only_direct else ["default"],
        "format": FORMAT,
        "format_sort": SMALLEST_WITH_SOUND,
        "format_sort_force": True,
        "external_downloader": "native",
        "js_runtimes": {},  # without this yt-dlp starts deno where it finds it
        "fixup": "never",
        "socket_timeout": options.timeout_s,
        "retries": options.net.retries,
        "fragment_retries": options.net.retries,
        "extractor_retries": min(1, options.net.retries),
        "retry_sleep_functions": {"http": _pause_s, "fragment": _pause_s, "extractor": _pause_s},
        "skip_unavailable_fragments": False,
        "continuedl": False,
        "updatetime": False,
        "ffmpeg_location": options.ffmpeg and str(options.ffmpeg),
    }


def _pause_s(n: int) -> float:
    """Returns the seconds to wait before repeating attempt ``n``, counted from 0."""
    return backoff_s(n + 1)


class _Meter:
    """yt-dlp's progress hook: reports the bytes of a download, and enforces their limit."""

    def __init__(self, url: str, options: YtdlOptions, progress: Progress | None) -> None:
        self._url, self._options, self._progress = url, options, progress
        self._earlier_bytes = 0
        self._is_one_file = True

    def next_file(self, earlier_bytes: int) -> None:
        """Begin another file of the same recording, after files of so many bytes."""
        self._earlier_bytes, self._is_one_file = earlier_bytes, False

    def __call__(self, event: Info) -> None:
        """Raises MediaUnavailable beyond the limits."""
        done = self._earlier_bytes + (event.get("downloaded_bytes") or 0)
        total = event.get("total_bytes") or event.get("total_bytes_estimate")
        max_bytes = self._options.max_bytes
        if max(done, event.get("total_bytes") or 0) > max_bytes:
            why = f"larger than {max_bytes / 1e6:.0f} MB"
            raise MediaUnavailable(self._url, "refused", why)
        if self._progress:
            self._progress(done, int(total) if total and self._is_one_file else None)


def _entries(info: Info | None) -> Iterator[Info]:
    """Yield the single recordings of a description, also those of lists within lists."""
    if info is None:
        return
    if info.get("_type", "video") == "video":
        yield info
    for entry in info.get("entries") or ():
        yield from _entries(entry)


def _is_live(info: Info) -> bool:
    return bool(info.get("is_live")) or info.get("live_status") in ("is_live", "is_upcoming")


def _no_recording(url: str, info: Info | None) -> MediaUnavailable:
    if any(map(_is_live, _entries(info))):
        return MediaUnavailable(url, "live", "a live stream, which has no recording to caption")
    return MediaUnavailable(url, "not_media", "there is no recording at this address")


# ---------------------------------------------------------------- descriptions


def _link(info: Info) -> MediaLink:
    renditions = [f for f in info.get("formats") or [info] if f.get("acodec") != "none"]
    generic = info.get("extractor") in ("generic", "html5")
    kind: MediaKind = "audio" if info.get("vcodec") == "none" else "video"
    if generic and info.get("ext") in ("mp3", "m4a", "ogg", "opus", "wav", "aac", "flac"):
        kind = "audio"
    duration = info.get("duration")
    return MediaLink(
        # the addresses that a site's extractor makes expire: keep the page's
        url=info["url"] if generic else info.get("webpage_url") or info["url"],
        kind=kind,
        found_by="ytdlp",
        quality=info.get("format_note") or info.get("format_id"),
        declared_duration_ms=round(duration * 1000) if duration else None,
        title=info.get("title"),
        qualities=tuple(
            Rendition(f["url"], f.get("format_id")) for f in renditions if f.get("url")
        ),
        why=f"yt-dlp finds it on the page ({info.get('extractor') or 'generic'})",
    )


def _extension(info: Info) -> str:
    ext = str(info.get("ext") or "")
    return ext if re.fullmatch(r"[a-z0-9]{1,5}", ext) else "media"
