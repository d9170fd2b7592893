"""Headers that the user gives, each for the hosts that may see it.

"Name: value" is for the hosts that the user names as sources; "Name@HOST: value" is for HOST,
"Name@.example.com: value" for every host below example.com. Headers are secrets: none goes to
another host, after a redirect neither, nor over plain http unless the address says http.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aligner.errors import BadSource

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105  RFC 9110, section 5.6.2
HOST = r"(?:https?://)?(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?/?"
HEADER_OPTION = re.compile(
    rf"(?P<name>{TOKEN})(?:@(?P<host_part>{HOST}))?:\s*(?P<value>.*)", re.IGNORECASE
)
RESERVED = frozenset(
    "host connection content-length transfer-encoding te trailer upgrade keep-alive expect range"
    " accept-encoding if-none-match if-modified-since proxy-authorization proxy-connection".split()
)
"""Headers that the client sets itself, or that belong to a connection."""
EXAMPLE = "give it as 'Name: value' or 'Name@HOST: value'"
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Header:
    """A header, and the host that gets it."""

    name: str
    value: str = field(repr=False)
    host: str
    """Lower case; with a leading dot for every host below that domain."""
    port: int | None = None
    """None for the default port of the scheme."""
    plain: bool = False
    """Whether it is also sent over plain http."""

    def is_for(self, url: str) -> bool:
        """Returns whether requests to a URL get this header."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port or PORTS[parts.scheme]
        except (ValueError, KeyError):
            return False
        if parts.scheme == "http" and not self.plain:
            return False
        below = self.host.startswith(".") and host.endswith(self.host)
        wanted = PORTS[parts.scheme] if self.port is None else self.port
        return (below or host == self.host) and port == wanted


def for_address(headers: Iterable[Header], url: str) -> dict[str, str]:
    """Returns the headers of a request to a URL; of several with one name, the last."""
    return {header.name: header.value for header in headers if header.is_for(url)}


def parse(text: str, sources: Iterable[str] = ()) -> tuple[Header, ...]:
    """Parse the option --header into one header for each host that gets it.

    ``sources`` are the addresses that the user names. Raises BadSource without any host; the
    error does not show the value.
    """
    found = HEADER_OPTION.fullmatch(text)
    if not found:
        raise BadSource("--header", EXAMPLE)
    name, value = found["name"], found["value"].strip()
    named = f"--header {name}"
    if name.lower() in RESERVED:
        raise BadSource(named, "this header cannot be given")
    if name.lower() == "cookie":
        raise BadSource(named, "give cookies in a file, with --cookies")
    if not value.isprintable() or not value.isascii():
        raise BadSource(named, "its value must be printable ASCII")
    if found["host_part"]:
        return (_header(name, value, _as_url(found["host_part"])),)
    places = [source for source in sources if source.lower().startswith(("http://", "https://"))]
    if not places:
        why = f"no address is given whose host could get it; say which: '{name}@HOST: value'"
        raise BadSource(named, why)
    return tuple(dict.fromkeys(_header(name, value, host_part) for host_part in places))


def _as_url(host_part: str) -> str:
    return host_part if "://" in host_part else f"https://{host_part}"


def _header(name: str, value: str, address: str) -> Header:
    try:
        parts = urlsplit(address)
        port, host = parts.port, (parts.hostname or "").lower()
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError as error:
        raise BadSource(f"--header {name}", f"{address} is no host: {error}") from error
    if not host.strip("."):
        raise BadSource(f"--header {name}", f"{address} names no host")
    plain = parts.scheme.lower() == "http"
    return Header(name, value, host, None if port == PORTS[parts.scheme.lower()] else port, plain)
