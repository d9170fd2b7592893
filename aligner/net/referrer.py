"""The Referer header of requests for a page's recordings, by W3C's Referrer Policy."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from aligner.types import Referrer

REFERRER = "referrer"
"""The extension of a request of httpx that holds its Referrer."""
DEFAULT_POLICY = Referrer("").policy
POLICIES = frozenset(
    (
        "no-referrer",
        "no-referrer-when-downgrade",
        "origin",
        "origin-when-cross-origin",
        "same-origin",
        "strict-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    )
)
LEGACY = {
    "never": "no-referrer",
    "default": DEFAULT_POLICY,
    "always": "unsafe-url",
    "origin-when-crossorigin": "origin-when-cross-origin",
}
"""Values of <meta name="referrer"> that HTML keeps from before the standard."""
LONGEST = 4096
"""Of a longer address only the origin is sent (Referrer Policy, section 8.3)."""
PORTS = {"http": 80, "https": 443}


def policy_of(header: str | None, metas: Iterable[str] = ()) -> str:
    """Returns the policy of a page, by its Referrer-Policy header and its <meta> elements.

    The last valid value is used; without one it is the browsers' default.
    """
    named = [part.strip().lower() for part in (header or "").split(",")]
    named += [LEGACY.get(low, low) for text in metas if (low := text.strip().lower())]
    return next((name for name in reversed(named) if name in POLICIES), DEFAULT_POLICY)


def header_value(referrer: Referrer, target: str) -> str | None:
    """Returns the Referer header of a request for ``target``; None if none is sent."""
    try:
        page, asked = urlsplit(referrer.url), urlsplit(target)
        is_same = _origin(page) == _origin(asked)
    except ValueError:
        return None
    if page.scheme not in PORTS or not page.hostname:
        return None
    origin = f"{page.scheme}://{page.netloc.rpartition('@')[2]}/"
    full = origin + page.path.removeprefix("/") + (f"?{page.query}" if page.query else "")
    full = full if len(full) <= LONGEST else origin
    is_downgrade = page.scheme == "https" and asked.scheme == "http"
    policy = referrer.policy
    if policy == "no-referrer" or (policy == "same-origin" and not is_same):
        return None
    if is_downgrade and (policy.startswith("strict-") or policy == "no-referrer-when-downgrade"):
        return None
    is_cut = policy in ("origin", "strict-origin") or (
        policy.endswith("-when-cross-origin") and not is_same
    )
    return origin if is_cut else full


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
