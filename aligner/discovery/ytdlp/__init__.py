"""Media address -> what yt-dlp finds there, and the file. The only use of yt-dlp.

No configuration files, netrc, cookies of browsers, plugins, caches, post-processing or other
programs: yt-dlp itself takes the one rendition that we choose, the smallest with sound. It goes
under our name, by our proxies, with the cookies and headers that the user gives. Its errors
become MediaUnavailable with a state and a sentence.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aligner.errors import MediaUnavailable
from aligner.net.connection import Connector
from aligner.net.guard import INTERNET, Network
from aligner.net.http_status import meaning
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.politeness import HostThrottle, backoff_s
from aligner.net.proxies import ProxyError
from aligner.types import MediaKind, MediaLink, MediaState, Page, Rendition

if TYPE_CHECKING:
    from aligner.discovery.ytdlp.client import Client

Progress = Callable[[int, int | None], None]
"""Bytes that are here, and bytes in all where that is known."""

Info = dict[str, Any]
"""What yt-dlp knows of a video or of one rendition."""

PROTOCOLS = "https?|m3u8|m3u8_native|http_dash_segments|ism"
"""Those that yt-dlp speaks by itself; the others it leaves to programs that nobody judges."""
FORMAT = "/".join(f"{kind}[protocol~='^({PROTOCOLS})$']" for kind in ("ba", "b", "ba*"))
SMALLEST_WITH_SOUND = ["hasaud", "lang", "+br", "+size", "+res"]
"""The order of renditions: right language first (a dubbed one is often smaller), then small."""
AT_MOST_ENTRIES = "1:5"
MANIFEST_BYTES = 10_000_000
PROTECTED = re.compile(
    r"#EXT-X-(?:SESSION-)?KEY:[^\n]*(?:METHOD=(?!NONE|AES-128\b)|skd://|KEYFORMAT=\"com\.)"
    r"|#EXT-X-FAXS-CM"
)
"""Marks of protected HLS: other methods than plain AES-128 (RFC 8216, section 4.3.2.4), FairPlay,
PlayReady, Flash Access."""


@dataclass(frozen=True, slots=True)
class YtdlOptions:
    """How yt-dlp is asked."""

    allow_private: bool = False
    network: Network = INTERNET
    ffmpeg: Path | None = None
    """The ffmpeg that yt-dlp may look at; it downloads without it."""
    timeout_s: float = 20.0
    """For each step on the network."""
    max_bytes: int = 4_000_000_000
    longest_s: float = 4 * 3600
    """For a whole download: a server that sends a byte now and then never times out."""
    throttle: HostThrottle | None = None
    """Whom yt-dlp's requests heed, like all others of the run."""
    only_direct: bool = False
    """The address must be the recording or its manifest, not a page that embeds one."""
    net: NetworkOptions = NET
    """As whom, through which proxy and how often to ask."""
    page: Page | None = None
    """What was fetched already of the address that is asked about."""


DEFAULTS = YtdlOptions()


@dataclass(slots=True)
class _Log:
    """yt-dlp's logger: keeps the errors, says nothing."""

    errors: list[str] = field(default_factory=list)

    def debug(self, _text: str) -> None: ...

    def info(self, _text: str) -> None: ...

    def warning(self, _text: str) -> None: ...

    def error(self, text: str) -> None:
        self.errors.append(text)


# ---------------------------------------------------------------- the two questions


def describe(url: str, options: YtdlOptions = DEFAULTS) -> tuple[MediaLink, ...]:
    """A page's or recording's address -> the recordings there, in the page's order.

    Raises MediaUnavailable; its state is not_media where yt-dlp knows nothing to do with it.
    """
    with _asking(url, options) as client:
        info = client.extract_info(url, download=False)
        entries = [e for e in _entries(info) if e.get("url") and not _is_live(e)]
        if not entries:
            raise _nothing_to_take(url, info)
        return tuple(_link(entry) for entry in entries)


def knows(url: str) -> bool:
    """Whether yt-dlp knows the very site of an address; asks nobody."""
    from aligner.discovery.ytdlp import client

    return client.knows(url)


def fetch(
    url: str, folder: Path, options: YtdlOptions = DEFAULTS, progress: Progress | None = None
) -> Path:
    """An address -> the recording's file in ``folder``, which belongs to this call alone.

    Parts may be left there after an error. Raises MediaUnavailable.
    """
    with _asking(url, options) as client:
        client.add_progress_hook(_hook(url, options, progress))
        info = client.extract_info(url, download=False)
        entry = next(_entries(info), None)
        if entry is None or _is_live(entry) or not entry.get("url"):
            raise _nothing_to_take(url, info)
        if entry["protocol"].startswith("m3u8"):
            entry = _with_manifest(url, client, entry)
        path = folder / f"recording.{_extension(entry)}"
        client.dl(str(path), entry)
    if not path.is_file():
        raise MediaUnavailable(
            url, "unreachable", "nothing came of it, and yt-dlp does not say why"
        )
    return path


# ---------------------------------------------------------------- asking


@contextmanager
def _asking(url: str, options: YtdlOptions) -> Iterator[Client]:
    """A client; whatever goes wrong with it leaves as MediaUnavailable."""
    from aligner.discovery.ytdlp.client import Client, ClientOptions

    log = _Log()
    net = options.net
    connecting = Connector(
        options.allow_private, options.network, net.proxies(), net.proxy_resolves, net.agent
    )
    ways = ClientOptions(connecting, net, options.throttle, options.page)
    with Client(_params(options, log), ways) as client:
        try:
            yield client
        except MediaUnavailable:
            raise
        except Exception as error:  # an extractor of yt-dlp may raise anything
            _close_answers(error)
            if isinstance(client.refusal, ProxyError):
                raise MediaUnavailable(url, "unreachable", str(client.refusal)) from error
            if client.refusal:
                why = (
                    f"{client.refusal.address} is not a public address; "
                    "give --allow-private if you trust it"
                )
                raise MediaUnavailable(url, "refused", why) from error
            raise as_unavailable(url, error, log.errors) from error
        finally:
            for answer in list(ways.answers):  # yt-dlp leaves them open where it is interrupted
                answer.close()


def _close_answers(error: Exception) -> None:
    """Let go of the connections that yt-dlp's errors hold on to."""
    from yt_dlp.networking.exceptions import HTTPError

    for cause in _causes(error):
        if isinstance(cause, HTTPError):
            cause.close()


def _params(options: YtdlOptions, log: _Log) -> Info:
    return {
        "logger": log,
        "quiet": True,
        "noprogress": True,
        "cachedir": False,
        "proxy": "",  # the client has its own
        "http_headers": {"User-Agent": options.net.agent},
        "usenetrc": False,
        "noplaylist": True,
        "playlist_items": AT_MOST_ENTRIES,
        "allowed_extractors": ["generic"] if options.only_direct else ["default"],
        "format": FORMAT,
        "format_sort": SMALLEST_WITH_SOUND,
        "format_sort_force": True,
        "external_downloader": "native",
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
    """Seconds before yt-dlp's try ``n`` (from 0) once more."""
    return backoff_s(n + 1)


def _hook(url: str, options: YtdlOptions, progress: Progress | None) -> Callable[[Info], None]:
    max_bytes, until = options.max_bytes, time.monotonic() + options.longest_s

    def heard(event: Info) -> None:
        done = event.get("downloaded_bytes") or 0
        total = event.get("total_bytes") or event.get("total_bytes_estimate")
        if max(done, event.get("total_bytes") or 0) > max_bytes:
            raise MediaUnavailable(url, "refused", f"larger than {max_bytes / 1e6:.0f} MB")
        if time.monotonic() > until:
            why = f"the download takes longer than {options.longest_s / 3600:.0f} hours"
            raise MediaUnavailable(url, "unreachable", why)
        if progress:
            progress(done, total and int(total))

    return heard


def _entries(info: Info | None) -> Iterator[Info]:
    """The single videos of what yt-dlp gives for an address, lists within lists opened."""
    if info is None:
        return
    if info.get("_type", "video") == "video":
        yield info
    for entry in info.get("entries") or ():
        yield from _entries(entry)


def _is_live(info: Info) -> bool:
    return bool(info.get("is_live")) or info.get("live_status") in ("is_live", "is_upcoming")


def _nothing_to_take(url: str, info: Info | None) -> MediaUnavailable:
    if any(map(_is_live, _entries(info))):
        return MediaUnavailable(url, "live", "a live stream, which has no recording to caption")
    return MediaUnavailable(url, "not_media", "there is no recording at this address")


def _with_manifest(url: str, client: Client, entry: Info) -> Info:
    """The rendition together with its HLS playlist, judged: complete, and not protected.

    Given the playlist, yt-dlp downloads it by itself and never hands it to ffmpeg, whose
    connections nobody judges. Raises MediaUnavailable.
    """
    from yt_dlp.networking import Request

    with client.urlopen(Request(entry["url"], headers=entry.get("http_headers"))) as answer:
        playlist = answer.read(MANIFEST_BYTES).decode("utf-8", "replace")
        place = answer.url
    if re.search(
        r"#EXT-X-(?:SESSION-)?KEY:[^\n]*METHOD=(?!NONE|AES-128\b)|#EXT-X-FAXS-CM", playlist
    ):
        raise MediaUnavailable(url, "drm", "the stream is protected (DRM)")
    if "#EXT-X-ENDLIST" not in playlist and "#EXT-X-PLAYLIST-TYPE:VOD" not in playlist:
        raise MediaUnavailable(url, "live", "a live stream, which has no recording to caption")
    return entry | {"url": place, "hls_media_playlist_data": playlist}


# ---------------------------------------------------------------- what it says, in our nouns


def _link(info: Info) -> MediaLink:
    renditions = [f for f in info.get("formats") or [info] if f.get("acodec") != "none"]
    generic = info.get("extractor") in ("generic", "html5")
    kind: MediaKind = "audio" if info.get("vcodec") == "none" else "video"
    if generic and info.get("ext") in ("mp3", "m4a", "ogg", "opus", "wav", "aac", "flac"):
        kind = "audio"
    duration = info.get("duration")
    return MediaLink(
        # a site's own extractor makes addresses that expire: keep the page's
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


# ---------------------------------------------------------------- its errors, in ours

BY_WORDING: tuple[tuple[str, MediaState], ...] = (
    (r"\bDRM\b", "drm"),
    (
        r"geo.?(restrict|block)|not available (in|from) your (country|location|region)",
        "geo_blocked",
    ),
    (r"live event|livestream|not currently live|premieres in|is offline", "live"),
    (r"registered users|log ?in|sign in|--cookies|members.only|subscri|premium", "login"),
    (r"has expired|expired on|no longer valid", "expired"),
    (r"removed|deleted|no longer (available|exists?)|not found|does not exist|unavailable", "gone"),
    (
        r"unsupported url:|no video formats|no media|is not a valid url|did not get any data",
        "not_media",
    ),
    (r"requested format is not available", "no_audio"),
)
OWN_WORDING: tuple[tuple[str, str], ...] = (
    (r"unsupported url:", "it is a web page, not a recording"),
    (r"did not get any data", "the file is empty"),
    (r"requested format is not available", "none of its renditions has sound"),
    (
        r"expected \d+ bytes|\d+ more expected",
        "the file breaks off before its end",
    ),
)


def as_unavailable(url: str, error: Exception, said: Sequence[str] = ()) -> MediaUnavailable:
    """An error of yt-dlp, and what it logged before -> MediaUnavailable."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(status := getattr(cause, "status", None), int) and status >= 400:
            return MediaUnavailable(url, *meaning(status)[:2], http_status=status)
    text = _sentence(said[-1] if said else str(error))
    state = _state(text)
    if any(type(cause).__name__ == "GeoRestrictedError" for cause in causes):
        state = "geo_blocked"
    for pattern, ours in OWN_WORDING:
        if re.search(pattern, text, re.IGNORECASE):
            return MediaUnavailable(url, state, ours)
    return MediaUnavailable(url, state, f"yt-dlp says: {text}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and what yt-dlp or Python keep as the reason for it."""
    seen: list[BaseException] = []
    todo = [error]
    while todo:
        one = todo.pop(0)
        if isinstance(one, BaseException) and not any(one is s for s in seen):
            seen.append(one)
            exc_info = getattr(one, "exc_info", None) or (None, None)
            todo += [exc_info[1], getattr(one, "cause", None), one.__cause__, one.__context__]
    yield from seen


def _state(text: str) -> MediaState:
    for pattern, state in BY_WORDING:
        if re.search(pattern, text, re.IGNORECASE):
            return state
    return "unreachable"


def _sentence(text: str) -> str:
    """yt-dlp's error text without its marks, its advice and its inner causes."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"^ERROR:\s*", "", text.strip())
    text = re.sub(r"^\[[^\]]+\]\s*(?:[^\s:]+:\s+)?", "", text)
    text = re.split(r"; please report|\s*\(caused by|\.?\s+Use --|; see ", text)[0]
    return text.splitlines()[0].strip().rstrip(".") if text.strip() else "no reason given"
