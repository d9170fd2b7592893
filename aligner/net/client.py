"""Address or saved file -> Page: the only HTTP client besides yt-dlp.

It keeps to limits of size, time and redirects, and to public addresses (``net/guard.py``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from aligner import defaults
from aligner.errors import BadSource, DisallowedByRobots, PageUnavailable
from aligner.net.cache import Cache
from aligner.net.charset import decode
from aligner.net.connection import Connecting
from aligner.net.cookies import jar
from aligner.net.decompress import ACCEPTED, DecompressionError, unzipped
from aligner.net.errors import Limits, failure, status_sentence
from aligner.net.guard import INTERNET, Network, is_askable, names_media
from aligner.net.list_root import list_root
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.partial_content import at_most, declared_length, media_type, piece_of
from aligner.net.politeness import TRY_AGAIN, HostThrottle, RetryAfterTooLong, backoff_s
from aligner.net.proxies import UNREACHED, ProxyFails
from aligner.types import Page, PartialContent

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__name__)
T = TypeVar("T")

PAGES_FIRST = "text/html,application/xhtml+xml,*/*;q=0.8"
LISTS_FIRST = "application/xml,text/xml,*/*;q=0.8"
LIST_BYTES = 52_428_800
"""No sitemap is larger, unpacked (sitemaps.org)."""
LIST_TYPE = "application/xml"
"""The type of a page that is a feed or a sitemap."""
HTML_TYPES = ("text/html", "application/xhtml+xml")
XML_ENDS = ("/xml", "+xml")
"""How the types of feeds, sitemaps and other XML end (RFC 7303)."""
MANIFEST_TYPES = (
    "application/vnd.apple.mpegurl",
    "application/x-mpegurl",
    "application/mpegurl",
    "application/dash+xml",
)
"""HLS (RFC 8216, section 4) with its older names, and DASH (ISO 23009-1, annex C)."""
FILE_TYPES = (
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "application/force-download",
    "application/x-download",
    "application/ogg",
    "application/mp4",
)
"""Types under which servers send files of any kind; the suffix decides."""
TYPE_NAMES = {
    "application/pdf": "a PDF file",
    "application/json": "JSON data",
    "application/zip": "a ZIP archive",
    "image": "an image",
    "font": "a font",
}
LOOKS_LIKE_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|article|p|div|h1|title)\b", re.IGNORECASE
)
SNIFF_CHARS = 2048


@dataclass(frozen=True, slots=True)
class WebOptions:
    """Limits of asking for a page."""

    allow_private: bool = False
    """Also ask hosts on loopback and private networks."""
    timeout_s: float = defaults.TIMEOUT_S
    """For everything of one request: connecting, all redirects, all tries and the whole body."""
    max_bytes: int = 20_000_000
    """Of the body, as sent and as unpacked."""
    max_redirects: int = 10
    net: NetworkOptions = NET
    """As whom, through which proxy and how often to ask."""
    per_host: int = defaults.PER_HOST
    """Requests to one host at the same time."""
    delay_s: float = defaults.DELAY_S
    """Between the starts of two requests to one host."""
    longest_wait_s: float = 60.0
    """A site that asks to wait longer (Retry-After) is given up."""
    robots: bool = False
    """Do not read pages that the site's robots.txt asks programs not to read."""
    network: Network = INTERNET
    cache: Path | None = None
    """A folder with pages that a server may say are as they were; None to keep none."""


DEFAULTS = WebOptions()
NOT_MODIFIED = 304


# ---------------------------------------------------------------- over the network


def fetch(url: str, options: WebOptions = DEFAULTS, manners: HostThrottle | None = None) -> Page:
    """An http(s) address -> the page there. Raises BadSource, PageUnavailable, AddressRefused.

    An address of media gives a page without text, whose ``content_type`` says so; its body is
    not read. ``manners`` are those of a run that has more to ask.
    """
    with Session(options, manners) as session:
        return session.fetch(url)


def piece(
    url: str,
    start: int,
    length: int,
    options: WebOptions = DEFAULTS,
    manners: HostThrottle | None = None,
) -> PartialContent:
    """Some bytes of what an address holds, as ``Session.piece`` gives them."""
    with Session(options, manners) as session:
        return session.piece(url, start, length)


def manners_of(options: WebOptions) -> HostThrottle:
    """The manners that options ask for."""
    return HostThrottle(options.per_host, options.delay_s, options.longest_wait_s)


class Session:
    """The connections and the manners of a run, which its threads share."""

    def __init__(self, options: WebOptions = DEFAULTS, manners: HostThrottle | None = None) -> None:
        """Raises BadSource for proxies that are none."""
        from aligner.net.robots import Robots
        from aligner.net.transport import Deadline, GuardedTransport

        self.options = options
        self._deadline = Deadline()
        self.manners = manners or manners_of(options)
        """Whom all requests of the run heed, yt-dlp's too."""
        net = options.net
        ways = Connecting(
            options.allow_private, options.network, net.proxies(), net.proxy_resolves, net.agent
        )
        self._transport = GuardedTransport(self._deadline, self.manners, ways, net.headers)
        self._robots = Robots(self.piece, self._slow_down) if options.robots else None
        self._cache = Cache(options.cache) if options.cache and not net.is_personal else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._transport.end()

    def fetch(self, url: str) -> Page:
        """As the function ``fetch``; also raises DisallowedByRobots."""
        if not is_askable(url):
            raise BadSource(url, "not an http(s) address")
        if self._robots and not self._robots.allow(url):
            raise DisallowedByRobots(url)
        kept = self._cache.get(url) if self._cache else None
        headers = {"Accept": PAGES_FIRST} | (kept.conditions if kept else {})

        def page(response: httpx.Response) -> Page | None:
            if response.status_code == NOT_MODIFIED and kept:
                return kept.page if str(response.url) == kept.page.final_url else None
            made = _page(url, response, self.options)
            if self._cache:
                self._cache.put(made, response.headers)
            return made

        # another address than before answered for the old page: without conditions then
        found = self._ask(url, headers, page) or self._ask(url, {"Accept": PAGES_FIRST}, page)
        assert found  # noqa: S101  only an answer to conditions is none
        return found

    def fetch_list(self, url: str) -> Page:
        """The address of a sitemap or feed, packed or not -> its text. Raises as ``fetch``."""
        if not is_askable(url):
            raise BadSource(url, "not an http(s) address")

        def page(response: httpx.Response) -> Page:
            _expect_success(url, response)
            body = unzipped(_body(url, response, LIST_BYTES), LIST_BYTES)
            return _list_page(url, str(response.url), body)

        return self._ask(url, {"Accept": LISTS_FIRST}, page)

    def _slow_down(self, site: str, seconds: float) -> None:
        """Keep the pause between requests that a site's robots.txt asks for."""
        import httpx

        self.manners.slow_down(httpx.URL(site).netloc.decode("ascii"), seconds)

    def piece(self, url: str, start: int, length: int) -> PartialContent:
        """Some bytes of what an address holds; what a server sends beyond them is not read.

        Refusals are pieces too: see ``status``. Raises PageUnavailable, AddressRefused.
        """
        if not is_askable(url):
            raise PageUnavailable(url, "not an http(s) address")
        wanted = {
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Range": f"bytes={start}-{start + length - 1}",
        }
        return self._ask(url, wanted, lambda response: piece_of(response, start, length))

    def _ask(self, url: str, headers: dict[str, str], read: Callable[[httpx.Response], T]) -> T:
        """What reading the answer gives; all that goes wrong leaves as PageUnavailable."""
        import httpcore
        import httpx

        limits = Limits(self.options.timeout_s, self.options.max_redirects)
        self._deadline.start(limits.timeout_s)
        try:
            return self._tried(url, headers, read)
        except (
            OSError,
            UnicodeError,
            DecompressionError,
            RetryAfterTooLong,
            httpx.HTTPError,
            httpx.InvalidURL,
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
        ) as error:
            raise failure(url, error, limits) from error

    def _tried(self, url: str, headers: dict[str, str], read: Callable[[httpx.Response], T]) -> T:
        """The same after as many tries as it takes, for what may be otherwise a moment later."""
        import httpcore

        for attempt in range(1, self.options.net.attempts):
            try:
                with closing(self._send(url, headers)) as response:
                    if response.status_code not in TRY_AGAIN:
                        return read(response)
                    logger.info("%s: status %d, try %d", url, response.status_code, attempt)
            except (httpcore.NetworkError, httpcore.RemoteProtocolError):
                logger.info("%s: no full answer, try %d", url, attempt)
            except ProxyFails as error:
                if error.status not in UNREACHED:
                    raise
                logger.info("%s: %s, try %d", url, error, attempt)
            self._deadline.pause(backoff_s(attempt))
        with closing(self._send(url, headers)) as response:
            return read(response)

    def _send(self, url: str, headers: dict[str, str]) -> httpx.Response:
        """One try, redirects included. Its cookies are its own and the user's: no page is told of
        another."""
        import httpx

        client = httpx.Client(
            transport=self._transport,
            headers={"User-Agent": self.options.net.agent, "Accept-Language": "*"},
            cookies=jar(self.options.net.cookies),
            timeout=self.options.timeout_s,
            follow_redirects=True,
            max_redirects=self.options.max_redirects,
            trust_env=False,
        )
        asked = client.build_request("GET", url, headers={"Accept-Encoding": ACCEPTED} | headers)
        return client.send(asked, stream=True)


def _page(url: str, response: httpx.Response, options: WebOptions) -> Page:
    status, final_url = response.status_code, str(response.url)
    _expect_success(url, response)
    content_type, charset = media_type(response)
    if _is_media(content_type, final_url):
        return Page(url, final_url, "", status, content_type or "application/octet-stream")
    if content_type not in (*HTML_TYPES, "text/plain", "") and not content_type.endswith(XML_ENDS):
        raise PageUnavailable(url, f"not a web page but {_type_name(content_type)}", status)
    text = decode(_body(url, response, options.max_bytes), charset)
    if not text.strip():
        raise PageUnavailable(url, "the page is empty", status)
    return Page(url, final_url, text, status, _text_type(url, text, content_type))


def _expect_success(url: str, response: httpx.Response) -> None:
    if not response.is_success:
        status = response.status_code
        raise PageUnavailable(url, status_sentence(status), status)


def _is_media(content_type: str, url: str) -> bool:
    if content_type.startswith(("audio/", "video/")) or content_type in MANIFEST_TYPES:
        return True
    return content_type in FILE_TYPES and names_media(url)


def _text_type(url: str, text: str, content_type: str) -> str:
    """text/html, text/plain, or the type of lists. Raises PageUnavailable for other text."""
    if list_root(text):
        return LIST_TYPE
    is_html = bool(LOOKS_LIKE_HTML.search(text[:SNIFF_CHARS]))
    if content_type in HTML_TYPES or is_html:
        return "text/html"
    if content_type == "text/plain" or not content_type:
        return "text/plain"
    raise PageUnavailable(url, "neither a web page nor a feed, but other XML", 200)


def _body(url: str, response: httpx.Response, max_bytes: int) -> bytes:
    """The unpacked body. Raises PageUnavailable once it is too large, without reading on."""
    if (declared_length(response) or 0) > max_bytes:
        raise _too_large(url, max_bytes)
    body = at_most(response, max_bytes + 1)
    if len(body) > max_bytes:
        raise _too_large(url, max_bytes)
    return body


def _list_page(url: str | None, final_url: str | None, body: bytes) -> Page:
    text = decode(body, None)
    return Page(url, final_url, text, 200, LIST_TYPE if list_root(text) else "text/plain")


def _too_large(url: str, max_bytes: int) -> PageUnavailable:
    why = f"larger than {max_bytes / 1e6:.0f} MB, which no article's page is"
    return PageUnavailable(url, why, state="not_media")


def _type_name(content_type: str) -> str:
    known = TYPE_NAMES.get(content_type) or TYPE_NAMES.get(content_type.partition("/")[0])
    return known or content_type


# ---------------------------------------------------------------- from the disk

PAGE_SUFFIXES = (".html", ".htm", ".xhtml")


def load_list(path: Path) -> Page:
    """A saved sitemap or feed, packed or not -> its text. Raises BadSource."""
    try:
        body = unzipped(path.read_bytes(), LIST_BYTES)
    except (OSError, DecompressionError) as error:
        raise BadSource(str(path), f"cannot be read: {error}") from error
    return _list_page(None, None, body)


def load(path: Path, url: str | None = None, options: WebOptions = DEFAULTS) -> Page:
    """A saved page (.html) or a page's text (.txt) -> Page. Raises BadSource, PageUnavailable.

    ``url`` is the address it was saved from, against which its links resolve.
    """
    if names_media(path.name):
        raise BadSource(str(path), "a recording, not a page; give it with --media")
    try:
        with path.open("rb") as file:
            body = file.read(options.max_bytes + 1)
    except (FileNotFoundError, ValueError) as error:  # the latter: no file can have that name
        raise BadSource(str(path), "no such file") from error
    except OSError as error:
        raise BadSource(str(path), f"cannot be read: {error.strerror}") from error
    if len(body) > options.max_bytes:
        raise _too_large(str(path), options.max_bytes)
    text = decode(body, None)
    if not text.strip():
        raise PageUnavailable(str(path), "the file is empty")
    if "\0" in text[:SNIFF_CHARS] or body.startswith(b"%PDF"):
        raise BadSource(str(path), "neither a saved page nor text")
    if list_root(text):
        return Page(url, url, text, 200, LIST_TYPE, path)
    named_html = path.suffix.lower() in PAGE_SUFFIXES
    is_html = named_html or (path.suffix != ".txt" and LOOKS_LIKE_HTML.search(text[:SNIFF_CHARS]))
    return Page(url, url, text, 200, "text/html" if is_html else "text/plain", path)


def load_piece(path: Path, start: int, length: int) -> PartialContent:
    """Some bytes of a file of this machine, as ``Session.piece`` gives them of an address.

    Raises BadSource.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(start)
            data = file.read(length)
    except FileNotFoundError as error:
        raise BadSource(str(path), "no such file") from error
    except OSError as error:
        raise BadSource(str(path), f"cannot be read: {error.strerror}") from error
    return PartialContent(str(path), 206, "", data, start, size, in_parts=True)
