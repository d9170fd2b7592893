"""What goes wrong with asking for a page -> a sentence about it."""

from __future__ import annotations

from dataclasses import dataclass

from aligner.errors import AddressRefused, PageUnavailable
from aligner.net.decompress import DecompressionError
from aligner.net.guard import NotPublic
from aligner.net.politeness import RetryAfterTooLong
from aligner.net.proxies import ProxyFails

STATUS_SENTENCES = {
    401: "the site asks for a login (401)",
    402: "the site asks for payment (402)",
    403: "the site refuses to show the page (403)",
    404: "there is no such page (404)",
    410: "the page was removed (410)",
    429: "the site says that it was asked too often; try again later (429)",
    451: "the page is withheld for legal reasons (451)",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What sentences name of the limits."""

    timeout_s: float
    max_redirects: int


def status_sentence(status: int) -> str:
    """An HTTP status other than success -> a clause for people."""
    if status in STATUS_SENTENCES:
        return STATUS_SENTENCES[status]
    if status >= 500:
        return f"the site is failing; try again later ({status})"
    return f"the site answered with status {status}"


def failure(url: str, error: Exception, limits: Limits) -> PageUnavailable:
    """An error of the network -> a sentence about it."""
    import httpcore
    import httpx

    if isinstance(error, NotPublic):
        return AddressRefused(url, error.address)
    if isinstance(error, ProxyFails):
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
