"""yt-dlp, with every connection judged. Imported lazily: it takes a quarter of a second.

yt-dlp lets a ``YoutubeDL`` choose its request handlers. This one has a single handler, which is
yt-dlp's own for urllib with connections of ours below it: http and https only, and each
connection, after a redirect too, is opened by ``net.connection``: to an address that was judged,
or by a proxy. Pages that were fetched already are handed to yt-dlp, which does not ask for them.
"""

from __future__ import annotations

import functools
import http.client
import io
import os
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

from yt_dlp import YoutubeDL
from yt_dlp.extractor import gen_extractor_classes
from yt_dlp.globals import plugin_dirs
from yt_dlp.networking import Response
from yt_dlp.networking._urllib import HTTPHandler, RedirectHandler, UrllibRH
from yt_dlp.networking.exceptions import HTTPError, TransportError
from yt_dlp.utils.networking import normalize_url

from aligner.net import cookies, guard
from aligner.net.connection import Connector
from aligner.net.headers import for_address
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.politeness import RETRY_STATUSES, HostThrottle, RetryAfterTooLong, backoff_s
from aligner.net.proxies import ProxyError, expect_success
from aligner.net.trust import client_context
from aligner.types import Page

Open = Callable[[str, str, int, float], Any]
"""Scheme, host, port and seconds -> an open socket; raises OSError."""
Refused = Callable[[guard.NotPublic | ProxyError], None]
PROXY_ASKS = 407
"""Proxy Authentication Required (RFC 9110, section 15.5.8)."""


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """How yt-dlp's requests go out."""

    connecting: Connector
    net: NetworkOptions = NET
    throttle: HostThrottle | None = None
    page: Page | None = None
    """One that was fetched already."""
    answers: WeakSet[Response] = field(default_factory=WeakSet)
    """Those that may still be open."""


class Client(YoutubeDL):  # type: ignore[misc]
    """A ``YoutubeDL`` whose requests go our ways; ``refusal`` is the last that was refused."""

    def __init__(self, params: dict[str, Any], ways: ClientOptions) -> None:
        self.refusal: guard.NotPublic | ProxyError | None = None
        self._ways = ways
        plugin_dirs.value = []
        super().__init__(params)
        if ways.net.cookies:
            cookies.set_strict_policy(self.cookiejar)
            cookies.put(ways.net.cookies, self.cookiejar)

    def add_default_info_extractors(self) -> None:
        """As yt-dlp does it, without sorting 1,800 names anew for every address."""
        for extractor in _extractors(tuple(self.params["allowed_extractors"])):
            self.add_info_extractor(extractor)

    def build_request_director(self, handlers: Iterable[Any], preferences: Any = None) -> Any:  # noqa: ARG002
        handler = functools.partial(_JudgedRH, ways=self._ways, refused=self._refused)
        return super().build_request_director([handler], preferences)

    def _refused(self, error: guard.NotPublic | ProxyError) -> None:
        self.refusal = error


@functools.cache
def _extractors(names: tuple[str, ...]) -> tuple[Any, ...]:
    """Names of extractors, or "default" -> their classes, in yt-dlp's order."""
    known = {extractor.IE_NAME.lower(): extractor for extractor in gen_extractor_classes()}
    if "default" in names:
        return tuple(extractor for extractor in known.values() if extractor._ENABLED)
    return tuple(known[name] for name in names)


def knows(url: str) -> bool:
    """Whether an extractor for a certain site takes an address, rather than the one for any."""
    return any(
        extractor.suitable(url)
        for extractor in _extractors(("default",))
        if extractor.IE_NAME != "generic"
    )


@functools.cache
def _context(legacy: bool, _named: tuple[str | None, ...]) -> ssl.SSLContext:
    """TLS settings by whether old servers are put up with; reading the authorities' certificates
    takes longer than most requests."""
    context = client_context()
    if legacy:  # as yt-dlp sets them for servers without secure renegotiation
        context.options |= 4
        context.set_ciphers("DEFAULT")
    return context


class _JudgedRH(UrllibRH):  # type: ignore[misc]
    _SUPPORTED_URL_SCHEMES = ("http", "https")

    def __init__(self, *, ways: ClientOptions, refused: Refused, **given: Any) -> None:
        super().__init__(**given)
        self._ways, self._refused = ways, refused
        self._given_up: dict[str, int] = {}
        """Addresses that were asked as often as may be, and their statuses."""

    def _send(self, request: Any) -> Any:
        """Ask in turn, and once more where the site says to come again. Raises yt-dlp's errors."""
        if page := self._handed(request):
            return page
        if request.url in self._given_up:  # yt-dlp tries again by itself
            raise HTTPError(_answer(request.url, b"", self._given_up[request.url]))
        for attempt in range(1, self._ways.net.attempts + 1):
            try:
                return self._in_turn(request)
            except HTTPError as error:
                if error.status not in RETRY_STATUSES:
                    raise
                if attempt == self._ways.net.attempts:
                    self._given_up[request.url] = error.status
                    raise
                error.close()
            time.sleep(backoff_s(attempt))
        raise AssertionError("there is at least one try")

    def _handed(self, request: Any) -> Any:
        """The page that was fetched already, if it is what is asked for; else None."""
        page = self._ways.page
        if page is None or request.data is not None or request.method not in ("GET", "HEAD"):
            return None
        url = page.final_url or page.url
        if url is None or request.url not in (url, normalize_url(url)):
            return None
        return _answer(url, page.html.encode("utf-8", "replace"), page.status)

    def _asked(self, request: Any) -> Any:
        answer = super()._send(request)
        self._ways.answers.add(answer)
        return answer

    def _in_turn(self, request: Any) -> Any:
        throttle = self._ways.throttle
        if throttle is None:
            return self._asked(request)
        host = urlsplit(request.url).netloc
        try:
            throttle.enter(host)
        except RetryAfterTooLong as error:
            raise TransportError(cause=error) from error
        try:
            return self._asked(request)
        except HTTPError as error:
            throttle.observe(host, error.status, error.response.headers.get("Retry-After"))
            raise
        finally:
            throttle.leave(host)

    def _create_instance(
        self, proxies: Any, cookiejar: CookieJar, legacy_ssl_support: bool | None = None
    ) -> urllib.request.OpenerDirector:
        del proxies  # ours are used
        named = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
        opener = urllib.request.OpenerDirector()
        for handler in (
            _JudgedHandler(self._ways, self._refused, _context(bool(legacy_ssl_support), named)),
            urllib.request.HTTPCookieProcessor(cookiejar),
            urllib.request.UnknownHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            RedirectHandler(),
        ):
            opener.add_handler(handler)
        opener.addheaders = []
        return opener


def _answer(url: str, body: bytes, status: int) -> Response:
    """An answer of yt-dlp's kind that nobody was asked for."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
    return Response(io.BytesIO(body), url, headers, status)


class _JudgedHandler(HTTPHandler):  # type: ignore[misc]
    """Sends requests, each of a chain of redirects, by connections of ours."""

    def __init__(self, ways: ClientOptions, refused: Refused, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._ways, self._refused = ways, refused

    def http_open(self, req: urllib.request.Request) -> Any:
        self._add_headers(req)
        place = urlsplit(req.full_url)
        host = place.hostname or ""
        proxy = self._ways.connecting.forwarding("http", host, place.port or 80)
        if proxy:
            req.selector = req.full_url.partition("#")[0]
            if proxy.authorization:
                req.add_unredirected_header("Proxy-Authorization", proxy.authorization)
        answer = super().http_open(req)
        if proxy and answer.status == PROXY_ASKS:
            answer.close()
            with self._telling():
                expect_success(proxy, answer.status, host)
        return answer

    def https_open(self, req: urllib.request.Request) -> Any:
        self._add_headers(req)
        return super().https_open(req)

    def _add_headers(self, req: urllib.request.Request) -> None:
        """The user's headers for this host; a redirect does not take them along."""
        for name, value in for_address(self._ways.net.headers, req.full_url).items():
            req.remove_header(name.capitalize())
            req.add_unredirected_header(name, value)

    def _make_conn_class(self, base: type, _request: Any) -> type:
        is_secure = issubclass(base, http.client.HTTPSConnection)
        return _connection(self._open, self._context) if is_secure else _connection(self._open)

    def _open(self, scheme: str, host: str, port: int, timeout_s: float) -> Any:
        with self._telling():
            return self._ways.connecting.open(scheme, host, port, timeout_s)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Have the client know of refusals, which yt-dlp's errors hide."""
        try:
            yield
        except (guard.NotPublic, ProxyError) as error:
            self._refused(error)
            raise


def _connection(opened: Open, context: ssl.SSLContext | None = None) -> type:
    """A class of connections that ``opened`` opens; of https with a context."""

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock = opened("http", self.host, self.port, self.timeout or 0)

    class Secure(http.client.HTTPSConnection):
        def connect(self) -> None:
            assert context is not None  # noqa: S101
            sock = opened("https", self.host, self.port, self.timeout or 0)
            if isinstance(sock, ssl.SSLSocket):  # a proxy that is itself asked over https
                from urllib3.util.ssltransport import SSLTransport

                self.sock = SSLTransport(sock, context, server_hostname=self.host)
            else:
                self.sock = context.wrap_socket(sock, server_hostname=self.host)

    return Plain if context is None else Secure
