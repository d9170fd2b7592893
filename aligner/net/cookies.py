"""Reads files of cookies in Netscape's format, as browser extensions and yt-dlp write them.

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
MAX_BYTES = 10_000_000
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


class _StrictPolicy(cookiejar.DefaultCookiePolicy):
    """A cookie of a host alone goes to that host alone (RFC 6265, section 5.4)."""

    def __init__(self) -> None:
        super().__init__(strict_ns_domain=cookiejar.DefaultCookiePolicy.DomainStrictNonDomain)


def read(path: Path) -> tuple[Cookie, ...]:
    """Read a file of cookies. Raises BadSource, with the number of the first invalid line."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise BadSource(str(path), "no such file of cookies") from error
    except (OSError, ValueError) as error:
        raise BadSource(str(path), f"the cookies cannot be read: {error}") from error
    if len(data) > MAX_BYTES:
        raise BadSource(str(path), f"larger than {MAX_BYTES // 1_000_000} MB: no file of cookies")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _bad_line(path, line, "not UTF-8 text") from error
    return tuple(_cookies(path, text))


def jar(cookies: Iterable[Cookie]) -> cookiejar.CookieJar:
    """Return a new jar with cookies, to which responses may add."""
    new = cookiejar.CookieJar(_StrictPolicy())
    put(cookies, new)
    return new


def put(cookies: Iterable[Cookie], into: cookiejar.CookieJar) -> None:
    """Put cookies into a jar."""
    for cookie in cookies:
        into.set_cookie(_to_cookiejar(cookie))


def set_strict_policy(target: cookiejar.CookieJar) -> None:
    """Give a jar the policy of ``jar``."""
    target.set_policy(_StrictPolicy())


def _to_cookiejar(cookie: Cookie) -> cookiejar.Cookie:
    return cookiejar.Cookie(
        version=0, name=cookie.name, value=cookie.value, port=None, port_specified=False,
        domain=cookie.domain, domain_specified=cookie.subdomains,
        domain_initial_dot=cookie.domain.startswith("."), path=cookie.path, path_specified=True,
        secure=cookie.secure, expires=cookie.expires, discard=cookie.expires is None, comment=None,
        comment_url=None, rest={},
    )  # fmt: skip


def _cookies(path: Path, text: str) -> Iterator[Cookie]:
    for number, line in enumerate(text.split("\n"), start=1):
        content = line.rstrip("\r").removeprefix(HTTP_ONLY)
        if content.strip() and not content.startswith("#"):
            yield _cookie(path, number, content)


def _cookie(path: Path, number: int, line: str) -> Cookie:
    fields = line.split("\t")
    if len(fields) != FIELDS:
        if number == 1 and line.lstrip().startswith(("{", "[")):
            raise _bad_line(path, number, "it is JSON")
        raise _bad_line(
            path, number, f"{len(fields)} fields with tabs between, where 7 are expected"
        )
    domain, subdomains, cookie_path, secure, expires, name, value = fields
    flags = (subdomains.upper(), secure.upper())
    if not all(flag in BOOLEANS for flag in flags):
        raise _bad_line(path, number, "its second and fourth field must be TRUE or FALSE")
    try:
        expiry = int(float(expires or 0))
    except (ValueError, OverflowError) as error:
        raise _bad_line(path, number, "its fifth field, when it expires, is no number") from error
    if not domain.strip(".") or not (name or value) or (not line.isprintable() and _controls(line)):
        raise _bad_line(path, number, "it has no domain, no name, or control characters")
    return Cookie(
        domain, name, value, cookie_path or "/", BOOLEANS[flags[0]], BOOLEANS[flags[1]],
        expiry if expiry > 0 else None,
    )  # fmt: skip


def _controls(line: str) -> bool:
    return any(ord(letter) < 32 or ord(letter) == 127 for letter in line.replace("\t", ""))


def _bad_line(path: Path, line: int, why: str) -> BadSource:
    """Returns the error of a line. It does not quote the line, which may hold a secret."""
    advice = "export the cookies in Netscape's format (cookies.txt)"
    return BadSource(f"{path}, line {line}", f"not a cookie: {why}; {advice}")
