"""Turns errors of the network into PageUnavailable, with a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass

from aligner.errors import AddressRefused, PageUnavailable
from aligner.net.budget import BudgetExceeded
from aligner.net.decompress import DecompressionError
from aligner.net.guard import NotPublic
from aligner.net.proxies import ProxyError
from aligner.net.rate_limit import RetryAfterTooLong


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The limits that sentences name."""

    timeout_s: float
    max_redirects: int


def failure(url: str, error: Exception, limits: RequestLimits) -> PageUnavailable:
    """Returns the PageUnavailable for an error of httpx, httpcore, a proxy or the guard."""
    import httpcore
    import httpx

    if isinstance(error, NotPublic):
        return AddressRefused(url, error.address)
    if isinstance(error, ProxyError | BudgetExceeded):
        return PageUnavailable(url, str(error))
    if isinstance(error, httpx.TooManyRedirects):
        why = f"redirects more than {limits.max_redirects} times"
        return PageUnavailable(url, why, state="refused")
    if isinstance(error, httpx.UnsupportedProtocol | httpcore.UnsupportedProtocol):
        why = "redirects to something that is not an http(s) address"
        return PageUnavailable(url, why, state="refused")
    if isinstance(error, httpx.InvalidURL | UnicodeError):
        return PageUnavailable(url, f"not a usable address: {error}", state="not_media")
    if isinstance(error, DecompressionError):
        return PageUnavailable(url, f"the page is damaged: it cannot be unpacked: {error}")
    if isinstance(error, RetryAfterTooLong):
        why = f"the site asks to be left alone for {error.seconds:.0f} s; try again later (429)"
        return PageUnavailable(url, why, 429)
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return PageUnavailable(url, f"no full answer within {limits.timeout_s:g} s")
    if isinstance(error, httpcore.ProtocolError):
        return PageUnavailable(url, f"the answer is not proper HTTP or breaks off: {error}")
    return PageUnavailable(url, _connection_sentence(error))


def _connection_sentence(error: Exception) -> str:
    import socket
    import ssl

    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {link.verify_message}"
        if isinstance(link, ssl.SSLError):
            return "a secure connection (TLS) cannot be made"
        if isinstance(link, socket.gaierror):
            return "no host has this name, or there is no network"
        if isinstance(link, ConnectionRefusedError):
            return "the host refuses the connection"
    return f"the host cannot be reached: {error}"
