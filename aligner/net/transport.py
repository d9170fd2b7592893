"""Requests -> responses over judged connections, within one deadline for everything.

Imported lazily: httpx takes a tenth of a second to import.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property, partial
from importlib.util import find_spec
from typing import Any, cast

import httpcore
import httpx

from aligner.net.connection import Connecting
from aligner.net.guard import resolve_public
from aligner.net.headers import Header, for_address
from aligner.net.politeness import HostThrottle
from aligner.net.proxies import PORTS, Proxy, expect_success, tunnel, unreachable
from aligner.net.trust import client_context

IDLE_CONNECTIONS = 32
OWN_CONNECTIONS = 4
IDLE_S = 15.0
"""How many idle connections are kept, and for how long."""
PROXY_ASKS = 407
"""Proxy Authentication Required (RFC 9110, section 15.5.8)."""
REDIRECT_BODY = 1 << 16
"""A redirect's body is read up to here, so that its connection can be used again."""


class Deadline(threading.local):
    """A moment after which this thread waits for nothing; each thread has its own."""

    _end = float("inf")

    def start(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def extend(self, seconds: float) -> None:
        """Waiting for a turn is not the site's fault."""
        self._end += seconds

    def pause(self, seconds: float) -> None:
        """Sleep, but not beyond the moment. Raises httpcore.ReadTimeout if it has passed."""
        time.sleep(self.left(seconds))

    def left(self, at_most: float | None = None) -> float:
        """Seconds left. Raises httpcore.ReadTimeout if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("out of time")
        return left if at_most is None else min(left, at_most)


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline, however slowly bytes drip in."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _TimedStream(
            self._inner.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _JudgedBackend(httpcore.NetworkBackend):
    """Opens connections to judged addresses, or by a proxy (see ``net.connection``).

    Raises NotPublic, ProxyFails, OSError, httpcore's.
    """

    def __init__(self, deadline: Deadline, connecting: Connecting, scheme: str) -> None:
        self._deadline, self._connecting, self._scheme = deadline, connecting, scheme
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        def opened(address: str, its_port: int) -> httpcore.NetworkStream:
            left = self._deadline.left(timeout)
            stream = self._plain.connect_tcp(address, its_port, left, local_address, socket_options)
            return _TimedStream(stream, self._deadline)

        ways = self._connecting
        if proxy := ways.proxy(self._scheme, host, port):
            made: httpcore.NetworkStream = ways.through(
                proxy, self._scheme, host, port, partial(self._tunnelled, proxy, opened)
            )
            return made
        failure: Exception | None = None
        for place in resolve_public(host, port, ways.allow_private, ways.network):
            try:
                return opened(*place)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def _tunnelled(
        self,
        proxy: Proxy,
        opened: Callable[[str, int], httpcore.NetworkStream],
        host: str,
        port: int,
    ) -> httpcore.NetworkStream:
        """A connection to a proxy, and through it to a host where one is named."""
        try:
            stream = opened(proxy.host, proxy.port)
            if proxy.scheme == "https":
                stream = stream.start_tls(client_context(), proxy.host, self._deadline.left())
        except (httpcore.NetworkError, httpcore.TimeoutException) as error:
            raise unreachable(proxy, error) from error
        try:
            if host:
                agent = self._connecting.agent
                tunnel(proxy, host, port, agent, stream.write, stream.read)
        except BaseException as error:
            stream.close()
            if isinstance(error, httpcore.NetworkError | httpcore.TimeoutException):
                raise unreachable(proxy, error) from error
            raise
        return stream


class _Body(httpx.SyncByteStream):
    """A response's body; ``done`` is called once, with whether it was read to its end."""

    def __init__(self, chunks: Iterable[bytes], done: Callable[[bool], None]) -> None:
        self._chunks, self._done = chunks, done
        self._is_open, self._is_read = True, False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks
        self._is_read = True

    def close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        try:
            cast(httpcore.ConnectionInterface, self._chunks).close()
        finally:
            self._done(self._is_read)


class GuardedTransport(httpx.BaseTransport):
    """What httpx sends through; keeps connections for all threads and all requests of a run.

    Errors of httpcore, of the judge, of proxies and of the manners pass through as they are.
    """

    def __init__(
        self,
        deadline: Deadline,
        manners: HostThrottle,
        connecting: Connecting,
        headers: tuple[Header, ...] = (),
    ) -> None:
        self._deadline, self._manners = deadline, manners
        self._connecting, self._headers = connecting, headers
        self._own = threading.local()
        self._made: list[httpcore.ConnectionPool] = []
        self._making = threading.Lock()

    @cached_property
    def _plain_pool(self) -> httpcore.ConnectionPool:
        return self._new_pool("http", IDLE_CONNECTIONS, None)

    @cached_property
    def _parts_pool(self) -> httpcore.ConnectionPool:
        return self._new_pool("https", IDLE_CONNECTIONS, client_context())

    @cached_property
    def _tls_with_http2(self) -> ssl.SSLContext:
        """TLS settings of their own: httpcore writes into them which protocols it speaks."""
        return client_context()

    def _new_pool(
        self, scheme: str, idle: int, tls: ssl.SSLContext | None, http2: bool = False
    ) -> httpcore.ConnectionPool:
        """A pool for one scheme; call it while ``_making`` is held."""
        pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=None,
            max_keepalive_connections=idle,
            keepalive_expiry=IDLE_S,
            http2=http2,
            network_backend=_JudgedBackend(self._deadline, self._connecting, scheme),
        )
        self._made.append(pool)
        return pool

    def _pool_for(self, request: httpx.Request) -> httpcore.ConnectionPool:
        """Parts of media go over HTTP/1.1, whose answers can be cut off; pages over HTTP/2.

        Each thread has its connections of HTTP/2 for itself: httpcore's are not safe for several,
        and one slow answer would end all that share its connection.
        """
        with self._making:
            if request.url.scheme != "https":
                return self._plain_pool
            if "Range" in request.headers:
                return self._parts_pool
            if not hasattr(self._own, "pool"):
                tls = self._tls_with_http2
                self._own.pool = self._new_pool("https", OWN_CONNECTIONS, tls, _speaks_http2())
            return cast(httpcore.ConnectionPool, self._own.pool)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.netloc.decode("ascii")
        self._deadline.extend(self._manners.enter(host))
        try:
            pool = self._pool_for(request)
            response = self._send(request, pool)
        except BaseException:
            self._manners.leave(host)
            raise

        def done(is_read: bool) -> None:
            self._manners.leave(host)
            if not is_read and response.extensions.get("http_version") == b"HTTP/2":
                _close_http2_connection(pool, response.extensions["network_stream"])

        body = _Body(cast(Iterable[bytes], response.stream), done)
        answer = httpx.Response(
            response.status, headers=response.headers, stream=body, extensions=response.extensions
        )
        self._manners.heed(host, response.status, answer.headers.get("Retry-After"))
        return _emptied(answer, body) if answer.has_redirect_location else answer

    def _send(self, request: httpx.Request, pool: httpcore.ConnectionPool) -> httpcore.Response:
        """Send one request with the user's headers for its host. Raises ProxyFails."""
        url = request.url
        headers, target = httpx.Headers(request.headers), url.raw_path
        headers.update(for_address(self._headers, str(url)))
        host, port = url.raw_host.decode("ascii"), url.port or PORTS.get(url.scheme, 0)
        proxy = self._connecting.forwarding(url.scheme, host, port)
        if proxy:
            target = f"http://{url.netloc.decode('ascii')}".encode() + url.raw_path
            if proxy.authorization:
                headers["Proxy-Authorization"] = proxy.authorization
        response = pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=target
                ),
                headers=headers.raw,
                content=cast(Iterable[bytes], request.stream),
                extensions=request.extensions,
            )
        )
        if proxy and response.status == PROXY_ASKS:
            response.close()
            expect_success(proxy, response.status, host)
        return response

    def close(self) -> None:
        """Keep the connections: httpx closes its transport with every client."""

    def end(self) -> None:
        """Close the connections."""
        for pool in self._made:
            pool.close()


@cache
def _speaks_http2() -> bool:
    """Whether the extra ``http2`` is installed; HTTP/1.1 is spoken without it."""
    return find_spec("h2") is not None


def _close_http2_connection(pool: httpcore.ConnectionPool, stream: httpcore.NetworkStream) -> None:
    """End a connection of HTTP/2 after an answer that nobody reads on.

    The rest would still come, and use up what the server may send unacknowledged.
    """
    stream.close()
    for connection in pool.connections:
        if connection.is_idle():
            connection.close()


def _emptied(response: httpx.Response, body: _Body) -> httpx.Response:
    """A redirect without its body, which httpx would read however long it is."""
    size = 0
    try:
        for chunk in body:
            size += len(chunk)
            if size > REDIRECT_BODY:
                break
    finally:
        body.close()
    headers = [(n, v) for n, v in response.headers.raw if n.lower() not in BODY_HEADERS]
    return httpx.Response(response.status_code, headers=headers, extensions=response.extensions)


BODY_HEADERS = (b"content-length", b"content-encoding", b"transfer-encoding")
