"""The options that all requests of a run share: pages, media, yt-dlp, downloads of models."""

from __future__ import annotations

from dataclasses import dataclass, field

from aligner.defaults import RETRIES
from aligner.net.cookies import Cookie
from aligner.net.headers import Header
from aligner.net.proxies import Proxies, chosen

AGENT = "Mozilla/5.0 (compatible; aligner)"


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """As whom, through which proxy and how often to ask. ``repr`` shows no secrets."""

    proxy: str | None = field(default=None, repr=False)
    """The proxy's address; "" for none; None for those that the environment names."""
    proxy_resolves: bool = False
    """Whether the proxy is given names, which it resolves, in place of addresses judged here."""
    cookies: tuple[Cookie, ...] = field(default=(), repr=False)
    """Sent to the domains that they are of."""
    headers: tuple[Header, ...] = ()
    """Sent to the hosts that each names, and to no other."""
    user_agent: str | None = None
    """What to say in the User-Agent header, in place of this program's name and ``contact``."""
    contact: str | None = None
    """A mail or web address that is named to the sites."""
    retries: int = RETRIES
    """How often to ask again where the connection fails or the server says to come again."""

    @property
    def agent(self) -> str:
        """The User-Agent header."""
        if self.user_agent:
            return self.user_agent
        return f"{AGENT[:-1]}; +{self.contact})" if self.contact else AGENT

    @property
    def attempts(self) -> int:
        """How often to ask at most."""
        return self.retries + 1

    @property
    def is_personal(self) -> bool:
        """Whether pages may be given that are for the user's eyes alone."""
        return bool(self.cookies or self.headers)

    def proxies(self) -> Proxies:
        """The proxies to use, also by the environment. Raises BadSource for one that is none."""
        return chosen(self.proxy)


DEFAULTS = NetworkOptions()
