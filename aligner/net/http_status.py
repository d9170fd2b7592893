"""The meaning of HTTP statuses, the same for pages, parts of media and yt-dlp."""

from __future__ import annotations

from typing import NamedTuple

from aligner.types import MediaState


class StatusMeaning(NamedTuple):
    """The state of the media that a status means, and why, as clauses for people."""

    state: MediaState
    media_reason: str
    page_reason: str


TOO_OFTEN = "the site says that it was asked too often; try again later"
BY_STATUS = {
    401: StatusMeaning("login", "the site asks for a login", "the site asks for a login"),
    402: StatusMeaning("login", "the site asks for payment", "the site asks for payment"),
    403: StatusMeaning("refused", "the site refuses it", "the site refuses to show the page"),
    404: StatusMeaning("gone", "it is no longer there", "there is no such page"),
    407: StatusMeaning("login", "the site asks for a login", "the site asks for a login"),
    410: StatusMeaning("gone", "it was removed", "the page was removed"),
    416: StatusMeaning("not_media", "the file is empty", "the page is empty"),
    429: StatusMeaning("refused", TOO_OFTEN, TOO_OFTEN),
    451: StatusMeaning(
        "geo_blocked",
        "it is withheld here for legal reasons",
        "the page is withheld for legal reasons",
    ),
}
"""RFC 9110, section 15.5; 429 is from RFC 6585, 451 from RFC 7725."""


def meaning(status: int) -> StatusMeaning:
    """Returns what a status other than success means; the reasons end with the status."""
    found = BY_STATUS.get(status)
    if found is None and status >= 500:
        failing = "the site is failing; try again later"
        found = StatusMeaning("unreachable", failing, failing)
    if found is None:
        answered = f"the site answered with status {status}"
        return StatusMeaning("refused", f"the site refuses it ({status})", answered)
    state, media_reason, page_reason = found
    return StatusMeaning(state, f"{media_reason} ({status})", f"{page_reason} ({status})")
