"""yt-dlp with guarded connections. Other modules import it lazily: that takes 0.25 s.

The ``YoutubeDL`` here has a single request handler: yt-dlp's own for urllib, for http and https
only, with connections of ``net.connection`` (to public addresses or through a proxy), after
redirects too. Each request, each byte read from a connection and each byte unpacked is counted
(``net.budget``). yt-dlp gets pages that are already fetched, and does not request them again.
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

from aligner.discovery.ytdlp.metered import MeteredResponse, unpacked
from aligner.net import budget, cookies, guard
from aligner.net.connection import Connector
from aligner.net.decompress import ACCEPTED
from aligner.net.headers import for_address
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.proxies import PORTS, ProxyError, expect_success
from aligner.net.rate_limit import RETRY_STATUSES, HostThrottle, RetryAfterTooLong, backoff_s
from aligner.net.referrer import header_value
from aligner.net.trust import client_context
from aligner.types import Page, Referrer

Open = Callable[[str, str, int, float], Any]
"""Opens a socket: takes scheme, host, port and timeout in seconds; raises OSError."""
Refused = Callable[[guard.NotPublic | ProxyError], None]
PROXY_AUTH_REQUIRED = 407
"""Proxy Authentication Required (RFC 9110, section 15.5.8)."""


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """The network options of yt-dlp's requests."""

    connecting: Connector
    net: NetworkOptions = NET
    throttle: HostThrottle | None = None
    page: Page | None = None
    """A page that is already fetched."""
    referrer: Referrer | None = None
    """The page that links the requested recording; it replaces yt-dlp's own Referer."""
    answers: WeakSet[Response] = field(default_factory=WeakSet)
    """Responses that may still be open."""


class Client(YoutubeDL):  # type: ignore[misc]
    """A ``YoutubeDL`` with guarded requests; ``refusal`` is the error of the last refused one."""

    def __init__(self, params: dict[str, Any], ways: ClientOptions) -> None:
        self.refusal: guard.NotPublic | ProxyError | None = None
        self._ways = ways
        plugin_dirs.value = []
        super().__init__(params)
        if ways.net.cookies:
            cookies.set_strict_policy(self.cookiejar)
            cookies.put(ways.net.cookies, self.cookiejar)

    def add_default_info_extractors(self) -> None:
        """Add the extractors as yt-dlp does, without sorting 1,800 names for each address."""
        for extractor in _extractors(tuple(self.params["allowed_extractors"])):
            self.add_info_extractor(extractor)

    def build_request_director(self, handlers: Iterable[Any], preferences: Any = None) -> Any:  # noqa: ARG002
        handler = functools.partial(_GuardedRH, ways=self._ways, refused=self._refused)
        return super().build_request_director([handler], preferences)

    def _refused(self, error: guard.NotPublic | ProxyError) -> None:
        self.refusal = error


def remote_client(params: dict[str, Any], send: Callable[[Any], Response]) -> YoutubeDL:
    """Returns a ``YoutubeDL`` without connections, whose requests ``send`` answers."""

    class RemoteRH(UrllibRH):  # type: ignore[misc]
        _SUPPORTED_URL_SCHEMES = ("http", "https")

        def _send(self, request: Any) -> Response:
            return send(request)

    class RemoteClient(Client):
        def build_request_director(self, handlers: Iterable[Any], preferences: Any = None) -> Any:  # noqa: ARG002
            return YoutubeDL.build_request_director(self, [RemoteRH], preferences)

    return RemoteClient(params, ClientOptions(Connector()))


@functools.cache
def _extractors(names: tuple[str, ...]) -> tuple[Any, ...]:
    """Returns extractors by name, or all for "default", in yt-dlp's order."""
    known = {extractor.IE_NAME.lower(): extractor for extractor in gen_extractor_classes()}
    if "default" in names:
        return tuple(extractor for extractor in known.values() if extractor._ENABLED)
    return tuple(known[name] for name in names)


def knows(url: str) -> bool:
    """Returns whether an extractor other than the generic one supports an address."""
    return any(
        extractor.suitable(url)
        for extractor in _extractors(("default",))
        if extractor.IE_NAME != "generic"
    )


@functools.cache
def _context(legacy: bool, _named: tuple[str | None, ...]) -> ssl.SSLContext:
    """Returns the TLS context, cached because reading certificates takes longer than a request.

    With ``legacy`` it accepts servers without secure renegotiation.
    """
    context = client_context()
    if legacy:  # as yt-dlp sets them for servers without secure renegotiation
        context.options |= 4
        context.set_ciphers("DEFAULT")
    return context


class _GuardedRH(UrllibRH):  # type: ignore[misc]
    _SUPPORTED_URL_SCHEMES = ("http", "https")

    def __init__(self, *, ways: ClientOptions, refused: Refused, **given: Any) -> None:
        super().__init__(**given)
        self._ways, self._refused = ways, refused
        self._failed: dict[str, int] = {}
        """Addresses whose attempts are used up, with their last status."""

    def _send(self, request: Any) -> Any:
        """Send a request, and repeat it after statuses that may pass. Raises yt-dlp's errors."""
        if page := self._given_page(request):
            return page
        if request.url in self._failed:  # yt-dlp tries again by itself
            raise HTTPError(_answer(request.url, b"", self._failed[request.url]))
        for attempt in range(1, self._ways.net.attempts + 1):
            try:
                return self._in_turn(request)
            except HTTPError as error:
                if error.status not in RETRY_STATUSES:
                    raise
                if attempt == self._ways.net.attempts:
                    self._failed[request.url] = error.status
                    raise
                error.close()
            time.sleep(backoff_s(attempt))
        raise AssertionError("there is at least one try")

    def _given_page(self, request: Any) -> Any:
        """Returns the page that is already fetched, if it is requested; else None."""
        page = self._ways.page
        if page is None or request.data is not None or request.method not in ("GET", "HEAD"):
            return None
        known = [_bare(url) for url in (page.final_url, page.url) if url]
        if _bare(request.url) not in known:
            return None
        url = page.final_url or page.url or request.url
        return _answer(url, page.html.encode("utf-8", "replace"), page.status)

    def _send_once(self, request: Any) -> Any:
        answer = super()._send(request)
        self._ways.answers.add(answer)
        return answer

    def _in_turn(self, request: Any) -> Any:
        throttle = self._ways.throttle
        if throttle is None:
            return self._send_once(request)
        host = urlsplit(request.url).netloc
        shared = budget.current()
        try:
            shared.extend(throttle.enter(host, shared.seconds_left()).turn_s)
        except RetryAfterTooLong as error:
            raise TransportError(cause=error) from error
        try:
            return self._send_once(request)
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
            _GuardedHandler(self._ways, self._refused, _context(bool(legacy_ssl_support), named)),
            urllib.request.HTTPCookieProcessor(cookiejar),
            urllib.request.UnknownHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Redirects(),
        ):
            opener.add_handler(handler)
        opener.addheaders = []
        return opener


def _bare(url: str) -> str:
    """Returns an address as it is requested: escaped, without its fragment."""
    return str(normalize_url(url)).partition("#")[0]


class _Redirects(RedirectHandler):  # type: ignore[misc]
    """Follows redirects as yt-dlp does, without taking passwords to another origin."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        if made is not None and _origin(made.full_url) != _origin(req.full_url):
            for name in OF_ONE_ORIGIN:
                made.remove_header(name)
        return made


OF_ONE_ORIGIN = ("Authorization", "Cookie")
"""Headers that yt-dlp makes, the first of a user and password in an address. (The user's cookies
are added later, by the jar.)"""


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or PORTS.get(parts.scheme)


def _answer(url: str, body: bytes, status: int) -> Response:
    """Returns a yt-dlp response without a request."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
    return Response(io.BytesIO(body), url, headers, status)


class _GuardedHandler(HTTPHandler):  # type: ignore[misc]
    """Sends requests, redirected ones too, over guarded connections."""

    def __init__(self, ways: ClientOptions, refused: Refused, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._ways, self._refused = ways, refused

    def http_open(self, req: urllib.request.Request) -> Any:
        self._begin(req)
        parts = urlsplit(req.full_url)
        host = parts.hostname or ""
        proxy = self._ways.connecting.forwarding("http", host, parts.port or 80)
        if proxy:
            req.selector = req.full_url.partition("#")[0]
            if proxy.authorization:
                req.add_unredirected_header("Proxy-Authorization", proxy.authorization)
        answer = super().http_open(req)
        if proxy and answer.status == PROXY_AUTH_REQUIRED:
            answer.close()
            with self._reporting_refusals():
                expect_success(proxy, answer.status, host)
        return answer

    def https_open(self, req: urllib.request.Request) -> Any:
        self._begin(req)
        return super().https_open(req)

    def http_response(self, req: urllib.request.Request, response: Any) -> Any:  # noqa: ARG002
        return unpacked(response)

    https_response = http_response

    def _begin(self, req: urllib.request.Request) -> None:
        """Count a request, and complete its headers. Raises BudgetExceeded."""
        budget.current().begin_request()
        self._add_headers(req)

    def _add_headers(self, req: urllib.request.Request) -> None:
        """Add the Referer and the user's headers for this host; a redirect inherits neither."""
        if referrer := self._ways.referrer:
            req.remove_header("Referer")
            if value := header_value(referrer, req.full_url):
                req.add_unredirected_header("Referer", value)
        if req.get_header("Accept-encoding", "identity") != "identity":
            req.add_header("Accept-encoding", ACCEPTED)
        for name, value in for_address(self._ways.net.headers, req.full_url).items():
            req.remove_header(name.capitalize())
            req.add_unredirected_header(name, value)

    def _make_conn_class(self, base: type, _request: Any) -> type:
        is_secure = issubclass(base, http.client.HTTPSConnection)
        return _connection(self._open, self._context) if is_secure else _connection(self._open)

    def _open(self, scheme: str, host: str, port: int, timeout_s: float) -> Any:
        with self._reporting_refusals():
            left_s = budget.current().wait(timeout_s)
            return self._ways.connecting.open(scheme, host, port, left_s)

    @contextmanager
    def _reporting_refusals(self) -> Iterator[None]:
        """Report refusals to the client, because yt-dlp's errors hide them."""
        try:
            yield
        except (guard.NotPublic, ProxyError) as error:
            self._refused(error)
            raise


def _connection(opened: Open, context: ssl.SSLContext | None = None) -> type:
    """Returns a class of connections that ``opened`` opens; for https with a context."""

    class Plain(http.client.HTTPConnection):
        response_class = MeteredResponse

        def connect(self) -> None:
            self.sock = opened("http", self.host, self.port, self.timeout or 0)

    class Secure(http.client.HTTPSConnection):
        response_class = MeteredResponse

        def connect(self) -> None:
            assert context is not None  # noqa: S101
            sock = opened("https", self.host, self.port, self.timeout or 0)
            if isinstance(sock, ssl.SSLSocket):  # a proxy that is itself asked over https
                from urllib3.util.ssltransport import SSLTransport

                self.sock = SSLTransport(sock, context, server_hostname=self.host)
            else:
                self.sock = context.wrap_socket(sock, server_hostname=self.host)

    return Plain if context is None else Secure
