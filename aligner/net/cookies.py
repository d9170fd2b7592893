"""A file of cookies in Netscape's format, as browsers' extensions and yt-dlp write it -> cookies.

A line is one cookie, in seven fields with tabs between: domain, whether subdomains get it too,
path, whether it goes over https alone, when it expires (seconds since 1970; 0 for a session's),
name, value. Lines that begin with # are comments, except for the mark "#HttpOnly_".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import cookiejar
from pathlib import Path

from aligner.errors import BadSource

FIELDS = 7
HTTP_ONLY = "#HttpOnly_"
MOST_BYTES = 10_000_000
BOOLEANS = {"TRUE": True, "FALSE": False}


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie of a file."""

    domain: str
    name: str
    value: str = field(repr=False)
    path: str = "/"
    subdomains: bool = False
    """Whether hosts below the domain get it too."""
    secure: bool = False
    """Whether it goes over https alone."""
    expires: int | None = None
    """In seconds since 1970; None for the end of the session."""


class _Strict(cookiejar.DefaultCookiePolicy):
    """A cookie of a host alone goes to that host alone (RFC 6265, section 5.4)."""

    def __init__(self) -> None:
        super().__init__(strict_ns_domain=cookiejar.DefaultCookiePolicy.DomainStrictNonDomain)


def read(path: Path) -> tuple[Cookie, ...]:
    """Raises BadSource, with the number of a line that is no cookie."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise BadSource(str(path), "no such file of cookies") from error
    except (OSError, ValueError) as error:
        raise BadSource(str(path), f"the cookies cannot be read: {error}") from error
    if len(data) > MOST_BYTES:
        raise BadSource(str(path), f"larger than {MOST_BYTES // 1_000_000} MB: no file of cookies")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _wrong(path, line, "not UTF-8 text") from error
    return tuple(_cookies(path, text))


def jar(cookies: Iterable[Cookie]) -> cookiejar.CookieJar:
    """Cookies -> a jar of their own, which answers may add to."""
    made = cookiejar.CookieJar(_Strict())
    put(cookies, made)
    return made


def put(cookies: Iterable[Cookie], into: cookiejar.CookieJar) -> None:
    """Put cookies into a jar."""
    for one in cookies:
        into.set_cookie(_of_library(one))


def strictly(given: cookiejar.CookieJar) -> None:
    """Have a jar keep to ``jar``'s rules."""
    given.set_policy(_Strict())


def _of_library(one: Cookie) -> cookiejar.Cookie:
    return cookiejar.Cookie(
        version=0, name=one.name, value=one.value, port=None, port_specified=False,
        domain=one.domain, domain_specified=one.subdomains,
        domain_initial_dot=one.domain.startswith("."), path=one.path, path_specified=True,
        secure=one.secure, expires=one.expires, discard=one.expires is None, comment=None,
        comment_url=None, rest={},
    )  # fmt: skip


def _cookies(path: Path, text: str) -> Iterator[Cookie]:
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.rstrip("\r").removeprefix(HTTP_ONLY)
        if bare.strip() and not bare.startswith("#"):
            yield _cookie(path, number, bare)


def _cookie(path: Path, number: int, line: str) -> Cookie:
    fields = line.split("\t")
    if len(fields) != FIELDS:
        if number == 1 and line.lstrip().startswith(("{", "[")):
            raise _wrong(path, number, "it is JSON")
        raise _wrong(path, number, f"{len(fields)} fields with tabs between, where 7 are expected")
    domain, subdomains, folder, secure, expires, name, value = fields
    flags = (subdomains.upper(), secure.upper())
    if not all(flag in BOOLEANS for flag in flags):
        raise _wrong(path, number, "its second and fourth field must be TRUE or FALSE")
    try:
        moment = int(float(expires or 0))
    except (ValueError, OverflowError) as error:
        raise _wrong(path, number, "its fifth field, when it expires, is no number") from error
    if not domain.strip(".") or not (name or value) or (not line.isprintable() and _controls(line)):
        raise _wrong(path, number, "it has no domain, no name, or control characters")
    return Cookie(
        domain, name, value, folder or "/", BOOLEANS[flags[0]], BOOLEANS[flags[1]],
        moment if moment > 0 else None,
    )  # fmt: skip


def _controls(line: str) -> bool:
    return any(ord(letter) < 32 or ord(letter) == 127 for letter in line.replace("\t", ""))


def _wrong(path: Path, line: int, why: str) -> BadSource:
    """The error of a line; the line itself is not shown, it may hold a secret."""
    advice = "export the cookies in Netscape's format (cookies.txt)"
    return BadSource(f"{path}, line {line}", f"not a cookie: {why}; {advice}")
