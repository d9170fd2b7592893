"""Scheme, host and port -> an open connection, to an address that was judged, or by a proxy.

The refusal of private addresses holds through a proxy too, although a proxy resolves names itself:
the name is resolved and judged here, and the proxy is asked to connect to the address that was
judged (CONNECT), for http as for https; TLS and the Host header name the host as ever. Where
private addresses are allowed there is nothing to judge, and the proxy gets the name as usual. With
``proxy_resolves`` it gets the name too: what is known here to be private is still refused, the
rest is then the proxy's duty.
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
    NO_PROXIES,
    UNREACHED,
    Proxies,
    Proxy,
    ProxyFails,
    tunnel,
    unreachable,
)
from aligner.net.trust import client_context

NUMERIC_END = re.compile(r"(?:^|\.)(?:\d+|0x[\da-f]*)\.?$", re.IGNORECASE)
"""Hosts that some take for an IPv4 address (URL Standard, "ends in a number")."""


@dataclass(frozen=True, slots=True)
class Connecting:
    """How connections are opened."""

    allow_private: bool = False
    network: Network = INTERNET
    proxies: Proxies = NO_PROXIES
    proxy_resolves: bool = False
    agent: str = AGENT
    """What proxies are told."""

    def proxy(self, scheme: str, host: str, port: int) -> Proxy | None:
        """The proxy for a host; None to ask it directly."""
        return self.proxies.of(scheme, host, port)

    def forwarding(self, scheme: str, host: str, port: int) -> Proxy | None:
        """The proxy that gets whole requests for a host, with the absolute address; None where a
        tunnel is used, or no proxy."""
        gives_names = self.allow_private or self.proxy_resolves
        return self.proxy(scheme, host, port) if scheme == "http" and gives_names else None

    def targets(self, host: str, port: int) -> tuple[tuple[str, int], ...]:
        """What to ask a proxy to connect to, in order. Raises NotPublic, OSError."""
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
        """The first of a host's targets that a proxy reaches, by ``attempt``.

        Raises NotPublic, ProxyFails, OSError.
        """
        if self.forwarding(scheme, host, port):
            self.targets(host, port)
            return attempt("", 0)
        failure: ProxyFails | None = None
        for address, its_port in self._resolved(proxy, host, port):
            try:
                return attempt(address, its_port)
            except ProxyFails as error:
                if error.status not in UNREACHED:
                    raise self._advised(error) from error
                failure = failure or error
        raise failure or OSError(f"{host} has no address")

    def _resolved(self, proxy: Proxy, host: str, port: int) -> tuple[tuple[str, int], ...]:
        try:
            return self.targets(host, port)
        except socket.gaierror as error:
            why = (
                f"is not asked for {host}: no host has this name here, so that nobody can say "
                "whether it is public; --proxy-resolves leaves that to the proxy"
            )
            raise ProxyFails(proxy, why) from error

    def _advised(self, error: ProxyFails) -> ProxyFails:
        """An error of a proxy, with what to do about one that wants no bare addresses."""
        if self.allow_private or self.proxy_resolves or error.status in (None, 407):
            return error
        why = f"{error.why}; if it asks for names, give --proxy-resolves"
        return ProxyFails(error.proxy, why, error.status)

    def open(self, scheme: str, host: str, port: int, timeout_s: float) -> Any:
        """An open socket: to the host, to a tunnel to it, or to the proxy that forwards.

        Raises NotPublic, ProxyFails, OSError.
        """
        if proxy := self.proxy(scheme, host, port):

            def attempt(address: str, its_port: int) -> Any:
                return _tunnelled(proxy, address, its_port, timeout_s, self.agent)

            return self.through(proxy, scheme, host, port, attempt)
        failure: OSError | None = None
        for place in resolve_public(host, port, self.allow_private, self.network):
            try:
                return socket.create_connection(place, timeout_s)
            except OSError as error:
                failure = failure or error
        raise failure or OSError(f"{host} has no address")


def _tunnelled(proxy: Proxy, host: str, port: int, timeout_s: float, agent: str) -> Any:
    """A socket to a proxy, and through it to a host where one is named. Raises ProxyFails."""
    try:
        sock: socket.socket = socket.create_connection((proxy.host, proxy.port), timeout_s)
    except OSError as error:
        raise unreachable(proxy, error) from error
    try:
        if proxy.scheme == "https":
            sock = client_context().wrap_socket(sock, server_hostname=proxy.host)
        if host:
            tunnel(proxy, host, port, agent, sock.sendall, sock.recv)
    except ProxyFails:
        sock.close()
        raise
    except OSError as error:
        sock.close()
        raise unreachable(proxy, error) from error
    return sock
