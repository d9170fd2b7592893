"""HTTP status -> the state of the media that it means, for all who ask: pages, parts, yt-dlp."""

from __future__ import annotations

from aligner.types import MediaState

BY_STATUS: dict[int, tuple[MediaState, str]] = {
    401: ("login", "the site asks for a login (401)"),
    402: ("login", "the site asks for payment (402)"),
    403: ("refused", "the site refuses it (403)"),
    404: ("gone", "it is no longer there (404)"),
    407: ("login", "the site asks for a login (407)"),
    410: ("gone", "it was removed (410)"),
    416: ("not_media", "the file is empty (416)"),
    429: ("refused", "the site says that it was asked too often; try again later (429)"),
    451: ("geo_blocked", "it is withheld here for legal reasons (451)"),
}
"""RFC 9110, section 15.5; 429 is RFC 6585's, 451 is RFC 7725's."""


def meaning(status: int) -> tuple[MediaState, str]:
    """A status of 400 or more -> the state, and a clause for people."""
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= 500:
        return "unreachable", f"the site is failing; try again later ({status})"
    return "refused", f"the site refuses it ({status})"
