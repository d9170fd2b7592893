"""Opens connections to public addresses, directly or through a proxy.

Private addresses are refused through a proxy too, although a proxy resolves names itself: the name
is resolved and checked here, and the proxy is told to connect to the checked address (CONNECT), for
http as for https; TLS and the Host header still name the host. Where private addresses are allowed
nothing is checked, and the proxy gets the name. With ``proxy_resolves`` the proxy gets the name
too: names that resolve here to private addresses are still refused, all others are left to the
proxy.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aligner.net.guard import INTERNET, Network, NotPublic, resolve_public
from aligner.net.options import AGENT
from aligner.net.proxies import (
    GATEWAY_ERRORS,
    NO_PROXIES,
    Proxies,
    Proxy,
    ProxyError,
    tunnel,
    unreachable,
)
from aligner.net.trust import client_context

NUMERIC_END = re.compile(r"(?:^|\.)(?:\d+|0x[\da-f]*)\.?$", re.IGNORECASE)
"""Hosts that some resolvers take for an IPv4 address (URL Standard, "ends in a number")."""


@dataclass(frozen=True, slots=True)
class Connector:
    """Opens connections by the rules of a run."""

    allow_private: bool = False
    network: Network = INTERNET
    proxies: Proxies = NO_PROXIES
    proxy_resolves: bool = False
    agent: str = AGENT
    """The User-Agent header sent to proxies."""

    def proxy(self, scheme: str, host: str, port: int) -> Proxy | None:
        """Returns the proxy for a host; None for a direct connection."""
        return self.proxies.of(scheme, host, port)

    def forwarding(self, scheme: str, host: str, port: int) -> Proxy | None:
        """Returns the proxy that forwards requests with absolute addresses to a host.

        None where a tunnel is used, or no proxy.
        """
        names_allowed = self.allow_private or self.proxy_resolves
        return self.proxy(scheme, host, port) if scheme == "http" and names_allowed else None

    def targets(self, host: str, port: int) -> tuple[tuple[str, int], ...]:
        """Returns the addresses that a proxy connects to, in order. Raises NotPublic, OSError."""
        if self.allow_private:
            return ((host, port),)
        if not self.proxy_resolves:
            return resolve_public(host, port, self.allow_private, self.network)
        try:
            resolve_public(host, port, self.allow_private, self.network)
        except NotPublic:
            raise
        except OSError as error:
            if NUMERIC_END.search(host) or ":" in host:
                raise NotPublic(host, host) from error
        return ((host, port),)

    def through(
        self, proxy: Proxy, scheme: str, host: str, port: int, attempt: Callable[[str, int], Any]
    ) -> Any:
        """Return the result of ``attempt`` for the first of a host's targets that a proxy reaches.

        Raises NotPublic, ProxyError, OSError.
        """
        if self.forwarding(scheme, host, port):
            self.targets(host, port)
            return attempt("", 0)
        failure: ProxyError | None = None
        for address, target_port in self._targets_for_proxy(proxy, host, port):
            try:
                return attempt(address, target_port)
            except ProxyError as error:
                if error.status not in GATEWAY_ERRORS:
                    raise self._with_advice(error) from error
                failure = failure or error
        raise failure or OSError(f"{host} has no address")

    def _targets_for_proxy(self, proxy: Proxy, host: str, port: int) -> tuple[tuple[str, int], ...]:
        try:
            return self.targets(host, port)
        except socket.gaierror as error:
            why = (
                f"is not asked for {host}: no host has this name here, so that nobody can say "
                "whether it is public; --proxy-resolves leaves that to the proxy"
            )
            raise ProxyError(proxy, why) from error

    def _with_advice(self, error: ProxyError) -> ProxyError:
        """Returns an error with advice about proxies that accept no bare addresses."""
        if self.allow_private or self.proxy_resolves or error.status in (None, 407):
            return error
        why = f"{error.why}; if it asks for names, give --proxy-resolves"
        return ProxyError(error.proxy, why, error.status)

    def open(self, scheme: str, host: str, port: int, timeout_s: float) -> Any:
        """Open a socket to a host, to a tunnel to it, or to the proxy that forwards to it.

        Raises NotPublic, ProxyError, OSError.
        """
        if proxy := self.proxy(scheme, host, port):

            def attempt(address: str, target_port: int) -> Any:
                return _connect_to_proxy(proxy, address, target_port, timeout_s, self.agent)

            return self.through(proxy, scheme, host, port, attempt)
        failure: OSError | None = None
        for address in resolve_public(host, port, self.allow_private, self.network):
            try:
                return socket.create_connection(address, timeout_s)
            except OSError as error:
                failure = failure or error
        raise failure or OSError(f"{host} has no address")


def _connect_to_proxy(proxy: Proxy, host: str, port: int, timeout_s: float, agent: str) -> Any:
    """Open a socket to a proxy, and a tunnel to a host where one is named. Raises ProxyError."""
    try:
        sock: socket.socket = socket.create_connection((proxy.host, proxy.port), timeout_s)
    except OSError as error:
        raise unreachable(proxy, error) from error
    try:
        if proxy.scheme == "https":
            sock = client_context().wrap_socket(sock, server_hostname=proxy.host)
        if host:
            tunnel(proxy, host, port, agent, sock.sendall, sock.recv)
    except ProxyError:
        sock.close()
        raise
    except OSError as error:
        sock.close()
        raise unreachable(proxy, error) from error
    return sock
