"""Requests -> responses over judged connections, within one deadline for everything.

Imported lazily: httpx takes a tenth of a second to import.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import httpcore
import httpx

from aligner.addresses import INTERNET, Network, resolve_public
from aligner.web.manners import Manners, retry_after_s

IDLE_CONNECTIONS = 32
IDLE_S = 15.0
"""How many idle connections are kept, and for how long."""
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
    """Opens connections to addresses that were judged. Raises NotPublic, OSError, httpcore's."""

    def __init__(self, deadline: Deadline, allow_private: bool, network: Network) -> None:
        self._deadline, self._allow_private, self._network = deadline, allow_private, network
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address, its_port in resolve_public(host, port, self._allow_private, self._network):
            try:
                stream = self._plain.connect_tcp(
                    address, its_port, self._deadline.left(timeout), local_address, socket_options
                )
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
        raise failure or httpcore.ConnectError(f"{host} has no address")


class _Body(httpx.SyncByteStream):
    """A response's body; ``done`` is called once, when nobody reads on."""

    def __init__(self, chunks: Iterable[bytes], done: Callable[[], None]) -> None:
        self._chunks, self._done = chunks, done
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    def close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        try:
            cast(httpcore.ConnectionInterface, self._chunks).close()
        finally:
            self._done()


class JudgedTransport(httpx.BaseTransport):
    """What httpx sends through; keeps connections for all threads and all requests of a run.

    Errors of httpcore, of the judge and of the manners pass through as they are. Proxies of the
    environment are not used: behind one, nobody could judge the address.
    """

    def __init__(
        self, deadline: Deadline, manners: Manners, allow_private: bool, network: Network = INTERNET
    ) -> None:
        self._deadline, self._manners = deadline, manners
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=None,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_S,
            network_backend=_JudgedBackend(deadline, allow_private, network),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.netloc.decode("ascii")
        self._deadline.extend(self._manners.enter(host))
        try:
            response = self._send(request)
        except BaseException:
            self._manners.leave(host)
            raise
        body = _Body(cast(Iterable[bytes], response.stream), lambda: self._manners.leave(host))
        answer = httpx.Response(
            response.status, headers=response.headers, stream=body, extensions=response.extensions
        )
        seconds = retry_after_s(answer.headers.get("Retry-After"))
        if response.status in (429, 503) and seconds:
            self._manners.hold(host, seconds)
        return _emptied(answer, body) if answer.has_redirect_location else answer

    def _send(self, request: httpx.Request) -> httpcore.Response:
        url = request.url
        return self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=cast(Iterable[bytes], request.stream),
                extensions=request.extensions,
            )
        )

    def close(self) -> None:
        """Keep the connections: httpx closes its transport with every client."""

    def end(self) -> None:
        """Close the connections."""
        self._pool.close()


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
