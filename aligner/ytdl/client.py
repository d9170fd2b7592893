"""yt-dlp, with every connection judged. Imported lazily: it takes a quarter of a second.

yt-dlp lets a ``YoutubeDL`` choose its request handlers. This one has a single handler, which is
yt-dlp's own for urllib with connections of ours below it: http and https only, no proxies, and
each connection, after a redirect too, goes to an address that ``addresses.py`` judged.
"""

from __future__ import annotations

import functools
import http.client
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlsplit

from yt_dlp import YoutubeDL
from yt_dlp.extractor import gen_extractor_classes
from yt_dlp.globals import plugin_dirs
from yt_dlp.networking._urllib import HTTPHandler, RedirectHandler, UrllibRH
from yt_dlp.networking.exceptions import HTTPError, TransportError

from aligner import addresses
from aligner.manners import TRY_AGAIN, HeldOff, Manners, backoff_s

Connect = Callable[[str, int, float], Any]
"""Host, port and seconds -> an open socket; raises OSError."""


ATTEMPTS = 3
"""How often yt-dlp asks for what may be otherwise a moment later."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Which addresses may be asked, and when."""

    allow_private: bool
    network: addresses.Network
    manners: Manners | None = None


class Client(YoutubeDL):  # type: ignore[misc]
    """A ``YoutubeDL`` that asks judged addresses only; ``refusal`` is the last that it refused."""

    def __init__(self, params: dict[str, Any], ways: Ways) -> None:
        self.refusal: addresses.NotPublic | None = None
        self._ways = ways
        plugin_dirs.value = []
        super().__init__(params)

    def add_default_info_extractors(self) -> None:
        """As yt-dlp does it, without sorting 1,800 names anew for every address."""
        for extractor in _extractors(tuple(self.params["allowed_extractors"])):
            self.add_info_extractor(extractor)

    def build_request_director(self, handlers: Iterable[Any], preferences: Any = None) -> Any:  # noqa: ARG002
        handler = functools.partial(_JudgedRH, connect=self._connect, manners=self._ways.manners)
        return super().build_request_director([handler], preferences)

    def _connect(self, host: str, port: int, timeout_s: float) -> Any:
        try:
            ways = self._ways
            return addresses.connect(host, port, timeout_s, ways.allow_private, ways.network)
        except addresses.NotPublic as error:
            self.refusal = error
            raise


@functools.cache
def _extractors(names: tuple[str, ...]) -> tuple[type, ...]:
    """Names of extractors, or "default" -> their classes, in yt-dlp's order."""
    known = {extractor.IE_NAME.lower(): extractor for extractor in gen_extractor_classes()}
    if "default" in names:
        return tuple(extractor for extractor in known.values() if extractor._ENABLED)
    return tuple(known[name] for name in names)


_contexts: dict[bool, ssl.SSLContext] = {}
"""TLS settings with the authorities' certificates, by whether old servers are put up with; reading
the certificates takes longer than most requests."""


class _JudgedRH(UrllibRH):  # type: ignore[misc]
    _SUPPORTED_URL_SCHEMES = ("http", "https")

    def __init__(self, *, connect: Connect, manners: Manners | None, **given: Any) -> None:
        super().__init__(**given)
        self._connect, self._manners = connect, manners

    def _send(self, request: Any) -> Any:
        """Ask in turn, and once more where the site says to come again. Raises yt-dlp's errors."""
        for attempt in range(1, ATTEMPTS):
            try:
                return self._in_turn(request)
            except HTTPError as error:
                if error.status not in TRY_AGAIN:
                    raise
                error.close()
            time.sleep(backoff_s(attempt))
        return self._in_turn(request)

    def _in_turn(self, request: Any) -> Any:
        if self._manners is None:
            return super()._send(request)
        host = urlsplit(request.url).netloc
        try:
            self._manners.enter(host)
        except HeldOff as error:
            raise TransportError(cause=error) from error
        try:
            return super()._send(request)
        except HTTPError as error:
            self._manners.heed(host, error.status, error.response.headers.get("Retry-After"))
            raise
        finally:
            self._manners.leave(host)

    def _create_instance(
        self, proxies: Any, cookiejar: CookieJar, legacy_ssl_support: bool | None = None
    ) -> urllib.request.OpenerDirector:
        del proxies  # behind a proxy nobody could judge the address
        legacy = bool(legacy_ssl_support)
        if legacy not in _contexts:
            _contexts[legacy] = self._make_sslcontext(legacy_ssl_support)
        opener = urllib.request.OpenerDirector()
        for handler in (
            _JudgedHandler(self._connect, _contexts[legacy]),
            urllib.request.HTTPCookieProcessor(cookiejar),
            urllib.request.UnknownHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            RedirectHandler(),
        ):
            opener.add_handler(handler)
        opener.addheaders = []
        return opener


class _JudgedHandler(HTTPHandler):  # type: ignore[misc]
    def __init__(self, connect: Connect, context: Any) -> None:
        super().__init__(context=context)
        self._plain, self._secure = _connection_classes(connect)

    def _make_conn_class(self, base: type, _request: Any) -> type:
        return self._secure if issubclass(base, http.client.HTTPSConnection) else self._plain


def _connection_classes(connect: Connect) -> tuple[type, type]:
    """Connections for http and https that are opened by ``connect``."""

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock = connect(self.host, self.port, self.timeout or 0)

    class Secure(http.client.HTTPSConnection, Plain):
        """Its ``connect`` asks ``Plain`` for the socket, then speaks TLS over it."""

    return Plain, Secure
