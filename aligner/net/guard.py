"""Guards against requests to private addresses (SSRF).

A page or a stream can name any address, also services of this machine. So every client of aligner
connects through ``resolve_public``: each name is resolved here, every address is checked, and the
connection goes to a checked address. Redirects and later answers of the name server are checked
too.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

Resolver = Callable[[str, int], tuple[str, ...]]
"""Takes a host and port, and returns IP addresses in the order to try them; raises OSError."""
Route = Callable[[str, int], tuple[str, int]]
"""Takes a checked IP address and port, and returns where to connect to."""

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses with an IPv4 address in their last 32 bits (RFC 6052)."""
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""The only block that IANA allocates to the public internet of IPv6."""
TEREDO = ipaddress.IPv6Network("2001::/32")
"""Addresses with two IPv4 addresses in them (RFC 4380)."""
NOT_PUBLIC_V4 = tuple(map(ipaddress.IPv4Network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "168.63.129.16/32",
)))  # fmt: skip
"""IANA's special-purpose registry, multicast, and an address at which Azure serves metadata to its
machines. (Oracle's 192.0.0.192 and Alibaba's 100.100.100.200 are in the registry's blocks.) A table
of our own, because ``is_global`` differs between versions of Python."""
NOT_PUBLIC_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
"""Blocks of special purpose within GLOBAL_UNICAST."""

AUDIO_SUFFIXES = frozenset(".mp3 .m4a .aac .ogg .oga .opus .wav .flac .wma .mka .weba".split())
VIDEO_SUFFIXES = frozenset(".mp4 .m4v .webm .mov .ogv .mkv .avi .wmv .flv .ts .3gp .mpg".split())
MANIFEST_SUFFIXES = frozenset((".m3u8", ".mpd"))
MEDIA_SUFFIXES = AUDIO_SUFFIXES | VIDEO_SUFFIXES | MANIFEST_SUFFIXES


class NotPublic(OSError):
    """A host has an address on a loopback, private or otherwise local network."""

    def __init__(self, host: str, address: str) -> None:
        self.host, self.address = host, address
        super().__init__(f"{host} is {address}, which is not a public address")


def system_resolve(host: str, port: int) -> tuple[str, ...]:
    """Resolve a host with the operating system. Raises OSError."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


def direct_route(address: str, port: int) -> tuple[str, int]:
    """Returns the address itself: the route of real networks."""
    return address, port


@dataclass(frozen=True, slots=True)
class Network:
    """How names are resolved and addresses are reached; tests replace both."""

    resolve: Resolver = system_resolve
    route: Route = direct_route


INTERNET = Network()


def resolve_public(
    host: str, port: int, allow_private: bool, network: Network = INTERNET
) -> tuple[tuple[str, int], ...]:
    """Resolve a host to the addresses to connect to, in order. Raises NotPublic, OSError.

    One private address among several refuses the host: no public name has a private address.
    """
    addresses = network.resolve(host, port)
    if not addresses:
        raise OSError(f"{host} has no address")
    if not allow_private:
        for address in addresses:
            if not is_public(address):
                raise NotPublic(host, address)
    return tuple(network.route(address, port) for address in addresses)


def is_public(address: str) -> bool:
    """Returns whether an IP address, and any IPv4 address within it, is public."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return _is_public_v4(ip)
    if ip.ipv4_mapped:
        return _is_public_v4(ip.ipv4_mapped)
    if ip in NAT64:
        return _is_public_v4(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF))
    tunnelled = [ip.sixtofour, *(ip.teredo or ())]
    special = ip not in TEREDO and any(ip in block for block in NOT_PUBLIC_V6)
    is_public_v6 = ip in GLOBAL_UNICAST and not special
    return is_public_v6 and all(_is_public_v4(v4) for v4 in tunnelled if v4)


def _is_public_v4(ip: ipaddress.IPv4Address) -> bool:
    return not any(ip in block for block in NOT_PUBLIC_V4)


def is_http_url(url: str) -> bool:
    """Returns whether a text is an absolute http(s) URL with a host and no control characters."""
    try:
        parts = urlsplit(url)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        return False
    has_host = parts.scheme in ("http", "https") and bool(parts.hostname)
    return has_host and port_is_number and url.isprintable()


def suffix_of(url: str) -> str:
    """Returns the suffix of a URL's file name in lower case, as ".mp3", or ""."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return ""
    name = path.rstrip("/").rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:].lower() if 0 < dot < len(name) - 1 else ""


def names_media(url: str) -> bool:
    """Returns whether a URL names a media file or a manifest by its suffix."""
    return suffix_of(url) in MEDIA_SUFFIXES
