"""Fetches pages, sitemaps, feeds and parts of media over HTTP, and reads saved ones from the disk.

Requests are limited in size, time and redirects, and reach public addresses only
(``net/guard.py``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, TypeVar

from aligner import defaults
from aligner._util.machine_faults import machine_fault
from aligner.errors import BadSource, DisallowedByRobots, MachineFault, PageUnavailable
from aligner.net.cache import Cache
from aligner.net.charset import decode
from aligner.net.connection import Connector
from aligner.net.cookies import jar
from aligner.net.decompress import ACCEPTED, DecompressionError, gunzip
from aligner.net.errors import RequestLimits, failure
from aligner.net.guard import INTERNET, Network, is_http_url, names_media
from aligner.net.list_root import list_root
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.page_response import (
    LIST_BYTES,
    LIST_TYPE,
    LOOKS_LIKE_HTML,
    SNIFF_CHARS,
    expect_success,
    list_page,
    page_from,
    read_body,
    too_large,
)
from aligner.net.partial_content import partial_content
from aligner.net.proxies import GATEWAY_ERRORS, ProxyError
from aligner.net.rate_limit import RETRY_STATUSES, HostThrottle, RetryAfterTooLong, backoff_s
from aligner.net.referrer import REFERRER
from aligner.types import Page, PartialContent, Referrer

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__name__)
T = TypeVar("T")

PAGES_FIRST = "text/html,application/xhtml+xml,*/*;q=0.8"
LISTS_FIRST = "application/xml,text/xml,*/*;q=0.8"


@dataclass(frozen=True, slots=True)
class WebOptions:
    """Limits of a request."""

    allow_private: bool = False
    """Also ask hosts on loopback and private networks."""
    timeout_s: float = defaults.TIMEOUT_S
    """For everything of one request: connecting, all redirects, all tries and the whole body."""
    max_bytes: int = 20_000_000
    """Of the body, as sent and as unpacked."""
    max_redirects: int = 10
    net: NetworkOptions = NET
    """Proxy, cookies, headers, user agent and retries."""
    per_host: int = defaults.PER_HOST
    """Requests to one host at the same time."""
    delay_s: float = defaults.DELAY_S
    """Between the starts of two requests to one host."""
    longest_wait_s: float = 60.0
    """A request fails if the site asks for a longer wait (Retry-After)."""
    robots: bool = False
    """Whether to skip pages that the site's robots.txt disallows."""
    network: Network = INTERNET
    cache: Path | None = None
    """The folder of the page cache; None for no cache."""


DEFAULTS = WebOptions()
NOT_MODIFIED = 304


# ---------------------------------------------------------------- over the network


def fetch(url: str, options: WebOptions = DEFAULTS, throttle: HostThrottle | None = None) -> Page:
    """Fetch the page at an http(s) address.

    An address of media gives a page without text, whose ``content_type`` says so; its body is
    not read. Raises BadSource, PageUnavailable, AddressRefused.
    ``throttle`` is that of a run with further requests.
    """
    with Session(options, throttle) as session:
        return session.fetch(url)


def fetch_range(
    url: str,
    start: int,
    length: int,
    options: WebOptions = DEFAULTS,
    throttle: HostThrottle | None = None,
    referrer: Referrer | None = None,
) -> PartialContent:
    """Fetch some bytes of a resource: see ``Session.fetch_range``."""
    with Session(options, throttle) as session:
        return session.fetch_range(url, start, length, referrer=referrer)


def throttle_for(options: WebOptions) -> HostThrottle:
    """Returns a throttle with the limits of the options."""
    return HostThrottle(options.per_host, options.delay_s, options.longest_wait_s)


class Session:
    """The connections, the throttle, the robots.txt rules and the cache of a run.

    Its threads share one session.
    """

    def __init__(
        self, options: WebOptions = DEFAULTS, throttle: HostThrottle | None = None
    ) -> None:
        """Raises BadSource for an invalid proxy address."""
        from aligner.net.robots import Robots
        from aligner.net.transport import Deadline, GuardedTransport

        self.options = options
        self._deadline = Deadline()
        self.throttle = throttle or throttle_for(options)
        """Limits all requests of the run, also those of yt-dlp."""
        net = options.net
        connector = Connector(
            options.allow_private, options.network, net.proxies(), net.proxy_resolves, net.agent
        )
        self._transport = GuardedTransport(self._deadline, self.throttle, connector, net.headers)
        self._robots = Robots(self.fetch_range, self._slow_down) if options.robots else None
        self._cache = Cache(options.cache) if options.cache and not net.is_personal else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._transport.end()

    def fetch(self, url: str) -> Page:
        """Fetch a page as the function ``fetch`` does; also raises DisallowedByRobots."""
        if not is_http_url(url):
            raise BadSource(url, "not an http(s) address")
        if self._robots and not self._robots.allow(url):
            raise DisallowedByRobots(url)
        entry = self._cache.get(url) if self._cache else None
        headers = {"Accept": PAGES_FIRST} | (entry.conditions if entry else {})

        def page(response: httpx.Response) -> Page | None:
            if response.status_code == NOT_MODIFIED and entry:
                return entry.page if str(response.url) == entry.page.final_url else None
            made = page_from(url, response, self.options.max_bytes)
            if self._cache:
                self._cache.put(made, response.headers)
            return made

        # A 304 after a redirect may be about another page: ask again without conditions.
        found = self._request(url, headers, page) or self._request(
            url, {"Accept": PAGES_FIRST}, page
        )
        assert found  # noqa: S101  only a conditional request gives None
        return found

    def fetch_list(self, url: str) -> Page:
        """Fetch a sitemap or feed, gzipped or not. Raises as ``fetch`` does."""
        if not is_http_url(url):
            raise BadSource(url, "not an http(s) address")

        def page(response: httpx.Response) -> Page:
            expect_success(url, response)
            body = gunzip(read_body(url, response, LIST_BYTES), LIST_BYTES)
            return list_page(url, str(response.url), body)

        return self._request(url, {"Accept": LISTS_FIRST}, page)

    def _slow_down(self, site: str, seconds: float) -> None:
        """Keep the pause between requests that a site's robots.txt asks for."""
        import httpx

        self.throttle.slow_down(httpx.URL(site).netloc.decode("ascii"), seconds)

    def fetch_range(
        self, url: str, start: int, length: int, *, referrer: Referrer | None = None
    ) -> PartialContent:
        """Fetch ``length`` bytes of a resource from ``start`` on, for the page that links it.

        What a server sends beyond them is not read. An answer with an error status is returned
        too: see ``status``. Raises PageUnavailable, AddressRefused.
        """
        if not is_http_url(url):
            raise PageUnavailable(url, "not an http(s) address")
        wanted = {
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Range": f"bytes={start}-{start + length - 1}",
        }
        return self._request(
            url, wanted, lambda response: partial_content(response, start, length), referrer
        )

    def _request(
        self,
        url: str,
        headers: dict[str, str],
        read: Callable[[httpx.Response], T],
        referrer: Referrer | None = None,
    ) -> T:
        """Request an address, with retries, and return what ``read`` makes of the response.

        Raises PageUnavailable for every error of the network, MachineFault.
        """
        import httpcore
        import httpx

        limits = RequestLimits(self.options.timeout_s, self.options.max_redirects)
        self._deadline.start(limits.timeout_s)
        try:
            return self._with_retries(lambda: self._send(url, headers, referrer), url, read)
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
            if fault := machine_fault(error):
                raise MachineFault(url, fault) from error
            raise failure(url, error, limits) from error

    def _with_retries(
        self,
        send: Callable[[], httpx.Response],
        url: str,
        read: Callable[[httpx.Response], T],
    ) -> T:
        """Repeat a request after lost connections and statuses that may pass."""
        import httpcore

        for attempt in range(1, self.options.net.attempts):
            try:
                with closing(send()) as response:
                    if response.status_code not in RETRY_STATUSES:
                        return read(response)
                    logger.info("%s: status %d, try %d", url, response.status_code, attempt)
            except (httpcore.NetworkError, httpcore.RemoteProtocolError):
                logger.info("%s: no full answer, try %d", url, attempt)
            except ProxyError as error:
                if error.status not in GATEWAY_ERRORS:
                    raise
                logger.info("%s: %s, try %d", url, error, attempt)
            self._deadline.pause(backoff_s(attempt))
        with closing(send()) as response:
            return read(response)

    def _send(self, url: str, headers: dict[str, str], referrer: Referrer | None) -> httpx.Response:
        """Send one request and follow its redirects.

        The cookies that a response sets are forgotten afterwards, so that no site links two pages.
        """
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
        request = client.build_request(
            "GET",
            url,
            headers={"Accept-Encoding": ACCEPTED} | headers,
            extensions={REFERRER: referrer} if referrer else None,
        )
        return client.send(request, stream=True)


# ---------------------------------------------------------------- from the disk

PAGE_SUFFIXES = (".html", ".htm", ".xhtml")


def load_list(path: Path) -> Page:
    """Read a saved sitemap or feed, gzipped or not. Raises BadSource."""
    try:
        with path.open("rb") as file:
            return read_list(file, str(path))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise BadSource(str(path), f"cannot be read: {error}") from error


def read_list(file: BinaryIO, name: str) -> Page:
    """Read a sitemap or feed, gzipped or not, from an open file. Raises BadSource, OSError."""
    body = file.read(LIST_BYTES + 1)
    if len(body) > LIST_BYTES:
        raise BadSource(name, f"cannot be read: larger than {LIST_BYTES / 1e6:.0f} MB")
    try:
        return list_page(None, None, gunzip(body, LIST_BYTES))
    except DecompressionError as error:
        raise BadSource(name, f"cannot be read: {error}") from error


def load(path: Path, url: str | None = None, options: WebOptions = DEFAULTS) -> Page:
    """Read a saved page (.html) or a page's text (.txt). Raises BadSource, PageUnavailable.

    ``url`` is the address it was saved from, against which its links resolve.
    """
    if names_media(path.name):
        raise BadSource(str(path), "a recording, not a page; give it with --media")
    try:
        with path.open("rb") as file:
            body = file.read(options.max_bytes + 1)
    except (FileNotFoundError, ValueError) as error:  # ValueError: a NUL in the name
        raise BadSource(str(path), "no such file") from error
    except OSError as error:
        raise BadSource(str(path), f"cannot be read: {error.strerror}") from error
    if len(body) > options.max_bytes:
        raise too_large(str(path), options.max_bytes)
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


def load_range(path: Path, start: int, length: int) -> PartialContent:
    """Read some bytes of a local file, as ``Session.fetch_range`` does of an address.

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
