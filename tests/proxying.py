"""A small real proxy on loopback for tests: CONNECT, and requests with an absolute address.

with Proxying() as proxy:
    ... ask through proxy.url ...
proxy.asked  # ["CONNECT news.example:443", "GET http://news.example/a"]
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Proxying:
    """Serves while its ``with`` block runs; knows what it was asked."""

    def __init__(
        self,
        hosts: Mapping[str, str] | None = None,
        authorization: str | None = None,
        status: int = 200,
        pem: Path | None = None,
    ) -> None:
        """``hosts`` are the names that it resolves; every one is on loopback.

        ``authorization`` is the header that it asks for, ``status`` what it answers to CONNECT
        (200: it connects), ``pem`` its certificate, where it is asked over https.
        """
        self.hosts, self.authorization, self.status = dict(hosts or {}), authorization, status
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        if pem:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._scheme = "https" if pem else "http"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def url(self, user: str = "") -> str:
        """Its address, with a user and password before the host where they are given."""
        return f"{self._scheme}://{user}127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _handler(proxy: Proxying) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"proxy": proxy})


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxying

    def _is_admitted(self) -> bool:
        self.proxy.asked.append(f"{self.command} {self.path}")
        self.proxy.headers.append(dict(self.headers.items()))
        wanted = self.proxy.authorization
        if wanted is None or self.headers.get("Proxy-Authorization") == wanted:
            return True
        self.send_response(407)
        self.send_header("Proxy-Authenticate", "Basic")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def do_CONNECT(self) -> None:
        if not self._is_admitted():
            return
        host, _, port = self.path.rpartition(":")
        host = self.proxy.hosts.get(host, host)
        if self.proxy.status != 200 or host not in ("127.0.0.1", "localhost"):
            self.send_error(self.proxy.status if self.proxy.status != 200 else 502)
            return
        try:
            upstream = socket.create_connection((host, int(port)), 10)
        except OSError:
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        with upstream:
            back = threading.Thread(target=_pump, args=(upstream, self.connection), daemon=True)
            back.start()
            _pump(self.connection, upstream)
            back.join(10)
        self.close_connection = True

    def do_GET(self) -> None:
        if not self._is_admitted():
            return
        parts = urlsplit(self.path)
        host = self.proxy.hosts.get(parts.hostname or "", parts.hostname or "")
        upstream = http.client.HTTPConnection(host, parts.port or 80, timeout=10)
        kept = {n: v for n, v in self.headers.items() if not n.lower().startswith("proxy-")}
        upstream.request("GET", parts._replace(scheme="", netloc="").geturl(), headers=kept)
        answer = upstream.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        upstream.close()

    def log_message(self, *_: object) -> None: ...


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Bytes from one connection to another, until either ends."""
    try:
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
