"""An httpx transport over guarded connections, with one deadline for all of a request.

Other modules import it lazily: importing httpx takes 0.1 s.
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

from aligner.net import budget
from aligner.net.connection import Connector
from aligner.net.guard import resolve_public
from aligner.net.headers import Header, for_address
from aligner.net.proxies import PORTS, Proxy, expect_success, tunnel, unreachable
from aligner.net.rate_limit import HostThrottle
from aligner.net.referrer import REFERRER, header_value
from aligner.net.trust import client_context

IDLE_CONNECTIONS = 32
HTTP2_CONNECTIONS = 4
"""Idle connections that are kept: in all, and of HTTP/2 for each thread."""
IDLE_S = 15.0
"""Seconds for which an idle connection is kept."""
PROXY_AUTH_REQUIRED = 407
"""Proxy Authentication Required (RFC 9110, section 15.5.8)."""
REDIRECT_BODY = 1 << 16
"""Bytes of a redirect's body that are read, so that its connection can be used again."""


class Deadline(threading.local):
    """The end of the time for one request; each thread has its own."""

    _end = float("inf")
    _is_repeated = False

    def start(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._is_repeated = False

    def wait_turn(self, throttle: HostThrottle, host: str) -> None:
        """Wait until a host may be asked.

        That takes nothing of the request's time, except where its own first attempt made the host
        ask for a pause. Raises RetryAfterTooLong.
        """
        shared = budget.current()
        patience_s = self.left() if self._is_repeated else shared.seconds_left()
        waited = throttle.enter(host, patience_s)
        self._end += waited.turn_s if self._is_repeated else waited.turn_s + waited.pause_s
        shared.extend(waited.turn_s)

    def pause(self, seconds: float) -> None:
        """Sleep before another attempt, until the deadline at most.

        Raises httpcore.ReadTimeout if it has passed.
        """
        self._is_repeated = True
        time.sleep(self.left(seconds))

    def left(self, at_most: float | None = None) -> float:
        """Returns the seconds left. Raises httpcore.ReadTimeout, BudgetExceeded if none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("out of time")
        return budget.current().wait(left if at_most is None else min(left, at_most))


class _TimedStream(httpcore.NetworkStream):
    """A connection whose reads and writes end at the deadline, and whose bytes are counted."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        shared = budget.current()
        try:
            data = self._inner.read(max_bytes, self._deadline.left(timeout))
        except httpcore.ReadTimeout:
            shared.expect_time()
            raise
        shared.receive(len(data))
        return data

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


class _GuardedBackend(httpcore.NetworkBackend):
    """Opens connections to public addresses or through a proxy (see ``net.connection``).

    Raises NotPublic, ProxyError, OSError, httpcore's.
    """

    def __init__(self, deadline: Deadline, connector: Connector, scheme: str) -> None:
        self._deadline, self._connector, self._scheme = deadline, connector, scheme
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        def opened(address: str, target_port: int) -> httpcore.NetworkStream:
            left = self._deadline.left(timeout)
            stream = self._plain.connect_tcp(
                address, target_port, left, local_address, socket_options
            )
            return _TimedStream(stream, self._deadline)

        connector = self._connector
        if proxy := connector.proxy(self._scheme, host, port):
            made: httpcore.NetworkStream = connector.through(
                proxy, self._scheme, host, port, partial(self._tunnelled, proxy, opened)
            )
            return made
        failure: Exception | None = None
        for place in resolve_public(host, port, connector.allow_private, connector.network):
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
        """Connect to a proxy, and through it to a host where one is named."""
        try:
            stream = opened(proxy.host, proxy.port)
            if proxy.scheme == "https":
                stream = stream.start_tls(client_context(), proxy.host, self._deadline.left())
        except (httpcore.NetworkError, httpcore.TimeoutException) as error:
            raise unreachable(proxy, error) from error
        try:
            if host:
                agent = self._connector.agent
                tunnel(proxy, host, port, agent, stream.write, stream.read)
        except BaseException as error:
            stream.close()
            if isinstance(error, httpcore.NetworkError | httpcore.TimeoutException):
                raise unreachable(proxy, error) from error
            raise
        return stream


class _Body(httpx.SyncByteStream):
    """A response's body; ``done`` is called once, with whether the body was read to its end."""

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
    """Sends requests of httpx, and keeps connections for all threads and requests of a run.

    Raises errors of httpcore, NotPublic, ProxyError, RetryAfterTooLong, BudgetExceeded unchanged.
    """

    def __init__(
        self,
        deadline: Deadline,
        throttle: HostThrottle,
        connector: Connector,
        headers: tuple[Header, ...] = (),
    ) -> None:
        self._deadline, self._throttle = deadline, throttle
        self._connector, self._headers = connector, headers
        self._per_thread = threading.local()
        self._pools: list[httpcore.ConnectionPool] = []
        self._pools_lock = threading.Lock()

    @cached_property
    def _plain_pool(self) -> httpcore.ConnectionPool:
        return self._new_pool("http", IDLE_CONNECTIONS, None)

    @cached_property
    def _parts_pool(self) -> httpcore.ConnectionPool:
        return self._new_pool("https", IDLE_CONNECTIONS, client_context())

    @cached_property
    def _tls_with_http2(self) -> ssl.SSLContext:
        """A separate context, because httpcore writes the protocols for ALPN into it."""
        return client_context()

    def _new_pool(
        self, scheme: str, idle: int, tls: ssl.SSLContext | None, http2: bool = False
    ) -> httpcore.ConnectionPool:
        """Make a pool for one scheme. The caller holds ``_pools_lock``."""
        pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=None,
            max_keepalive_connections=idle,
            keepalive_expiry=IDLE_S,
            http2=http2,
            network_backend=_GuardedBackend(self._deadline, self._connector, scheme),
        )
        self._pools.append(pool)
        return pool

    def _pool_for(self, request: httpx.Request) -> httpcore.ConnectionPool:
        """Returns the pool for a request: HTTP/1.1 for byte ranges, HTTP/2 for pages over https.

        A response of HTTP/1.1 can be cut off. Each thread has its own HTTP/2 connections:
        httpcore's are not thread-safe, and one slow answer would end all that share a connection.
        """
        with self._pools_lock:
            if request.url.scheme != "https":
                return self._plain_pool
            if "Range" in request.headers:
                return self._parts_pool
            if not hasattr(self._per_thread, "pool"):
                tls = self._tls_with_http2
                self._per_thread.pool = self._new_pool(
                    "https", HTTP2_CONNECTIONS, tls, _speaks_http2()
                )
            return cast(httpcore.ConnectionPool, self._per_thread.pool)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.netloc.decode("ascii")
        budget.current().begin_request()
        self._deadline.wait_turn(self._throttle, host)
        try:
            pool = self._pool_for(request)
            response = self._send(request, pool)
        except BaseException:
            self._throttle.leave(host)
            raise

        def done(is_read: bool) -> None:
            self._throttle.leave(host)
            if not is_read and response.extensions.get("http_version") == b"HTTP/2":
                _close_http2_connection(pool, response.extensions["network_stream"])

        body = _Body(cast(Iterable[bytes], response.stream), done)
        answer = httpx.Response(
            response.status, headers=response.headers, stream=body, extensions=response.extensions
        )
        self._throttle.observe(host, response.status, answer.headers.get("Retry-After"))
        return _without_body(answer, body) if answer.has_redirect_location else answer

    def _send(self, request: httpx.Request, pool: httpcore.ConnectionPool) -> httpcore.Response:
        """Send one request with the user's headers for its host. Raises ProxyError."""
        url = request.url
        headers, target = httpx.Headers(request.headers), url.raw_path
        referrer = request.extensions.get(REFERRER)
        if referrer and (value := header_value(referrer, str(url))):
            headers["Referer"] = value
        headers.update(for_address(self._headers, str(url)))
        host, port = url.raw_host.decode("ascii"), url.port or PORTS.get(url.scheme, 0)
        proxy = self._connector.forwarding(url.scheme, host, port)
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
        if proxy and response.status == PROXY_AUTH_REQUIRED:
            response.close()
            expect_success(proxy, response.status, host)
        return response

    def close(self) -> None:
        """Do nothing: httpx closes its transport with every client. See ``end``."""

    def end(self) -> None:
        """Close the connections."""
        for pool in self._pools:
            pool.close()


@cache
def _speaks_http2() -> bool:
    """Whether the extra ``http2`` is installed; without it HTTP/1.1 is used."""
    return find_spec("h2") is not None


def _close_http2_connection(pool: httpcore.ConnectionPool, stream: httpcore.NetworkStream) -> None:
    """Close an HTTP/2 connection whose response is not read to its end.

    The rest would still arrive, and use up the connection's flow-control window.
    """
    stream.close()
    for connection in pool.connections:
        if connection.is_idle():
            connection.close()


def _without_body(response: httpx.Response, body: _Body) -> httpx.Response:
    """Returns a redirect without its body, which httpx would read to its end."""
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
