"""The options that all requests of a run share: pages, media, yt-dlp, downloads of models."""

from __future__ import annotations

from dataclasses import dataclass, field

from aligner.defaults import RETRIES
from aligner.net.cookies import Cookie
from aligner.net.headers import Header
from aligner.net.proxies import Proxies, select_proxies

AGENT = "Mozilla/5.0 (compatible; aligner)"


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """Proxy, cookies, headers, user agent and retries. ``repr`` shows no secrets."""

    proxy: str | None = field(default=None, repr=False)
    """The proxy's address; "" for none; None for the proxies of the environment."""
    proxy_resolves: bool = False
    """Whether the proxy gets names to resolve, instead of addresses that were checked here."""
    cookies: tuple[Cookie, ...] = field(default=(), repr=False)
    """Sent to their own domains."""
    headers: tuple[Header, ...] = ()
    """Each is sent to the host that it names, and to no other."""
    user_agent: str | None = None
    """The User-Agent header; None for this program's name with ``contact``."""
    contact: str | None = None
    """A mail or web address that the User-Agent header names."""
    retries: int = RETRIES
    """Further attempts after a lost connection or a status that may pass."""

    @property
    def agent(self) -> str:
        """The User-Agent header."""
        if self.user_agent:
            return self.user_agent
        return f"{AGENT[:-1]}; +{self.contact})" if self.contact else AGENT

    @property
    def attempts(self) -> int:
        """Requests at most for one resource."""
        return self.retries + 1

    @property
    def is_personal(self) -> bool:
        """Whether responses may be meant for this user alone."""
        return bool(self.cookies or self.headers)

    def proxies(self) -> Proxies:
        """Return the proxies to use. Raises BadSource for an invalid address."""
        return select_proxies(self.proxy)


DEFAULTS = NetworkOptions()
