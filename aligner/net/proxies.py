"""Chooses the proxy for a URL, and opens tunnels through it (CONNECT, RFC 9110, section 9.3.6).

The proxies are those of --proxy, else of HTTP_PROXY, HTTPS_PROXY and ALL_PROXY (in upper or lower
case, or the system's settings on macOS and Windows); hosts that NO_PROXY names are reached
directly. No message shows a proxy's password.
"""

from __future__ import annotations

import ipaddress
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from aligner.errors import BadSource

Write = Callable[[bytes], object]
Read = Callable[[int], bytes]

MAX_HEAD_BYTES = 1 << 16
"""The longest answer of a proxy to CONNECT."""
STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})")
PORTS = {"http": 80, "https": 443}
GATEWAY_ERRORS = (502, 503, 504)
"""Statuses of a proxy that cannot reach a host."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy, itself reached over http or https."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The address without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def authorization(self) -> str | None:
        """The Proxy-Authorization header (Basic, RFC 7617); None without a user name."""
        if self.user is None:
            return None
        pair = f"{self.user}:{self.password or ''}".encode()
        return f"Basic {b64encode(pair).decode('ascii')}"


class ProxyError(OSError):
    """A proxy cannot be reached, or refuses; ``str()`` is a sentence that names it."""

    def __init__(self, proxy: Proxy, why: str, status: int | None = None) -> None:
        self.proxy, self.why, self.status = proxy, why, status
        super().__init__(f"the proxy {proxy.name} {why}")


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxy for each scheme, and the hosts that are reached directly."""

    http: Proxy | None = None
    https: Proxy | None = None
    direct: tuple[str, ...] = ()
    """The entries of NO_PROXY."""
    by_system: bool = False
    """Whether the settings of macOS or Windows also name hosts that are reached directly."""

    def of(self, scheme: str, host: str, port: int) -> Proxy | None:
        """Returns the proxy for a host; None for a direct connection."""
        proxy = self.https if scheme == "https" else self.http
        if proxy is None or any(_matches(entry, host, port) for entry in self.direct):
            return None
        return None if self.by_system and _is_direct_by_system(host) else proxy


NO_PROXIES = Proxies()


def select_proxies(given: str | None) -> Proxies:
    """Returns the proxies for ``NetworkOptions.proxy``. Raises BadSource."""
    if given == "":
        return NO_PROXIES
    from urllib.request import getproxies, getproxies_environment

    found = getproxies()
    direct = tuple(part.strip() for part in re.split(r"[,\s]+", found.get("no", "")) if part)
    if given is not None:
        proxy = parse(given, "--proxy")
        return Proxies(proxy, proxy, direct)
    http, https = (
        parse(found[name], f"{name.upper()}_PROXY") if name in found else None
        for name in (
            ("http" if "http" in found else "all"),
            ("https" if "https" in found else "all"),
        )
    )
    return Proxies(http, https, direct, bool(found) and not getproxies_environment())


def _is_direct_by_system(host: str) -> bool:
    from urllib.request import proxy_bypass

    return bool(proxy_bypass(host))


def parse(text: str, named: str) -> Proxy:
    """Parse a proxy's address; ``named`` is the option or variable it is from. Raises BadSource."""
    address = text.strip() if "://" in text else f"http://{text.strip()}"
    redacted = re.sub(r"://.*@", "://...@", address)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadSource(named, f"{redacted} is not the address of a proxy") from error
    scheme = parts.scheme.lower()
    if scheme.startswith("socks"):
        raise BadSource(
            named, f"{redacted}: SOCKS is not spoken; give a proxy of http:// or https://"
        )
    if scheme not in PORTS or not host or not address.isprintable():
        raise BadSource(named, f"{redacted} is not the address of a proxy, as http://host:8080")
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return Proxy(scheme, host, port or PORTS[scheme], user, password)


def _matches(entry: str, host: str, port: int) -> bool:
    """Returns whether an entry of NO_PROXY covers a host.

    An entry is "*", a name (with all its subdomains), an IP address or a network.
    """
    host = host.lower().strip("[]").rstrip(".")
    entry = entry.lower()
    if entry == "*":
        return True
    if (found := re.fullmatch(r"(\[[^\]]+\]|[^:]+):(\d+)", entry)) is not None:
        if int(found[2]) != port:
            return False
        entry = found[1]
    entry = entry.strip("[]")
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        bare = entry.removeprefix("*").strip(".")
        return bool(bare) and (host == bare or host.endswith(f".{bare}"))


# ---------------------------------------------------------------- tunnels


def tunnel(proxy: Proxy, host: str, port: int, agent: str, write: Write, read: Read) -> None:
    """Tell a proxy to connect to a host, over an open connection. Raises ProxyError, OSError."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}", f"User-Agent: {agent}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))
    head = b""
    while b"\r\n\r\n" not in head:
        part = read(4096)
        if not part or len(head) > MAX_HEAD_BYTES:
            raise ProxyError(proxy, f"gives no proper answer when it is to connect to {place}")
        head += part
    found = STATUS.match(head)
    if found is None:
        raise ProxyError(proxy, f"gives no proper answer when it is to connect to {place}")
    expect_success(proxy, int(found[1]), place)
    if not head.endswith(b"\r\n\r\n"):  # no host sends anything before the first request
        raise ProxyError(proxy, f"sends what nobody asked for when it is to connect to {place}")


def expect_success(proxy: Proxy, status: int, place: str) -> None:
    """Raises ProxyError unless a proxy's status is a success."""
    if 200 <= status < 300:
        return
    if status == 407:
        has = proxy.user is not None
        why = "does not accept the user and password" if has else "asks for a user and password"
        why += " (407); give them in its address, as http://user:password@host:port"
    elif status in GATEWAY_ERRORS:
        why = f"cannot reach {place} ({status})"
    else:
        why = f"refuses to connect to {place} ({status})"
    raise ProxyError(proxy, why, status)


def unreachable(proxy: Proxy, error: BaseException) -> ProxyError:
    """Returns the ProxyError that tells of an error in connecting to a proxy."""
    import socket
    import ssl

    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (ssl.SSLCertVerificationError, "has a certificate that is not valid"),
        (ssl.SSLError, "does not speak TLS; is it one of http://?"),
        (ConnectionRefusedError, "refuses the connection"),
        (socket.gaierror, "has a name that no host has, or there is no network"),
        (TimeoutError, "does not answer in time"),
    )
    for kind, why in kinds:
        if any(isinstance(link, kind) for link in chain):
            return ProxyError(proxy, why)
    if any(type(link).__name__.endswith("Timeout") for link in chain):  # httpcore's
        return ProxyError(proxy, "does not answer in time")
    return ProxyError(proxy, f"cannot be reached: {error}")
