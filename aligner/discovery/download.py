"""Downloads recordings; a file is complete or absent."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aligner._util.atomic_write import reason, replace
from aligner.discovery import ytdlp
from aligner.errors import BadSource, MediaUnavailable, OutputError
from aligner.net.guard import AUDIO_SUFFIXES, INTERNET, Network, is_http_url
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.rate_limit import HostThrottle
from aligner.types import MediaFile, MediaKind, MediaLink, Page

Progress = Callable[[int, int | None], None]

MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<rss", b"<svg", b"<script")
"""First bytes of markup, which is no recording."""
OTHER_FILES = (b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"{", b"[", b"#EXTM3U")
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """Limits of downloading."""

    allow_private: bool = False
    """Also ask hosts on loopback and private networks."""
    ffmpeg: Path | None = None
    """The ffmpeg for yt-dlp."""
    max_bytes: int = 4_000_000_000
    timeout_s: float = 20.0
    """For each step on the network."""
    network: Network = INTERNET
    throttle: HostThrottle | None = None
    """Limits the requests per host, with all others of the run."""
    net: NetworkOptions = NET
    """Proxy, cookies, headers, user agent and retries."""
    page: Page | None = None
    """The page that links the recording, if it is at hand; yt-dlp does not request it again."""


DEFAULTS = DownloadOptions()


def download(
    link: MediaLink,
    folder: Path,
    options: DownloadOptions = DEFAULTS,
    progress: Progress | None = None,
) -> MediaFile:
    """Download a recording to ``folder``; the file is named by its sha256.

    ``progress`` is called with the bytes so far and in all. Raises MediaUnavailable, OutputError.
    """
    if not is_http_url(link.url):
        raise MediaUnavailable(link.url, "not_media", "not an http(s) address")
    how = ytdlp.YtdlOptions(
        allow_private=options.allow_private,
        network=options.network,
        ffmpeg=options.ffmpeg,
        timeout_s=options.timeout_s,
        max_bytes=options.max_bytes,
        throttle=options.throttle,
        net=options.net,
        only_direct=not _may_be_page(link),
        page=options.page,
        referrer=link.referrer,
    )
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as aside:
            fetched = ytdlp.fetch(link.url, Path(aside), how, progress)
            _expect_media(link.url, fetched.path)
            sha256 = _sha256(fetched.path)
            path = folder / f"{sha256[:16]}{fetched.path.suffix}"
            replace(fetched.path, path, durable=False)
    except OSError as error:
        raise OutputError(folder, reason(error)) from error
    return MediaFile(path, link, fetched.declared_ms, sha256, fetched.unreadable_ms)


def _may_be_page(link: MediaLink) -> bool:
    """Returns whether a link may lead to a page with the recording, not to the recording."""
    is_frame = any(quality.mime == "text/html" for quality in link.qualities)
    return link.found_by in ("ytdlp", "given") or is_frame


def local(path: Path) -> MediaFile:
    """Make a MediaFile of a local recording. Raises BadSource, MediaUnavailable."""
    try:
        sha256 = _sha256(path)
    except FileNotFoundError as error:
        raise BadSource(str(path), "no such file") from error
    except OSError as error:
        raise BadSource(str(path), f"cannot be read: {error.strerror}") from error
    _expect_media(str(path), path)
    kind: MediaKind = "audio" if path.suffix.lower() in AUDIO_SUFFIXES else "video"
    link = MediaLink(str(path), kind, "given", why="given with --media")
    return MediaFile(path, link, None, sha256)


def _expect_media(name: str, path: Path) -> None:
    """Raises MediaUnavailable if the first bytes of a file are those of no recording."""
    with path.open("rb") as file:
        head = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise MediaUnavailable(name, "not_media", "the file is empty")
    if head.lower().startswith(MARKUP):
        raise MediaUnavailable(name, "not_media", "it is a web page, not a recording")
    if head.startswith(OTHER_FILES):
        raise MediaUnavailable(name, "not_media", "it is not a recording")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
