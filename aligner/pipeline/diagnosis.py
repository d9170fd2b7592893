"""Turns an error into the status, state, reason and HTTP status that commands report.

`check`, `caption` and `batch` all use it, so that they report the same about one source.
"""

from __future__ import annotations

from dataclasses import dataclass

from aligner.errors import (
    AddressRefused,
    AlignerError,
    BadSource,
    DisallowedByRobots,
    MediaUnavailable,
    NoAudio,
    NoMedia,
    NoSpeech,
    PageUnavailable,
)
from aligner.net.http_status import meaning
from aligner.types import Audio, MediaFile, MediaLink, MediaState, ProbeResult, Status

PLAYS: tuple[MediaState, ...] = ("playable", "audio_only", "already_captioned")
"""States of a recording that can be captioned."""
TEMPORARY_STATES: tuple[MediaState, ...] = ("unreachable", "live", "not_yet")
"""States that may change by themselves."""
MISSING_MS = 1000
"""A recording may be shorter than declared by so much."""
MINUTE_MS = 60_000
TEMPORARY_HTTP = (408, 425, 429)
"""HTTP statuses below 500 after which the same request may succeed later (RFC 9110, RFC 6585)."""
FAILURES: tuple[Status, ...] = ("error", "media_unavailable")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is reported about a source that failed."""

    status: Status
    state: MediaState | None
    """None if the error says nothing about the media: the disk is full, nobody speaks."""
    reason: str
    http_status: int | None = None
    """The status of the failed response; None if there was none."""


def diagnose(error: AlignerError) -> Diagnosis:
    """Returns what to report about an error that ended the work on a source."""
    http_status = error.http_status
    return Diagnosis(error.status, _state(error), reason_of(error), http_status)


def reason_of(error: AlignerError) -> str:
    """Returns an error's message as a result's reason; the result names source and recording."""
    match error:
        case PageUnavailable():
            return f"the page cannot be read: {error.why}"
        case MediaUnavailable(state="embed_only"):
            return error.why
        case MediaUnavailable():
            return f"the recording cannot be had: {error.why}"
        case NoMedia() | NoAudio() | NoSpeech():
            return error.why
        case _:
            return str(error)


def _state(error: AlignerError) -> MediaState | None:
    match error:
        case PageUnavailable(state=state) if state:
            return state
        case AddressRefused() | DisallowedByRobots():
            return "refused"
        case PageUnavailable():
            return _of_page(error.http_status)
        case MediaUnavailable():
            return error.state
        case NoMedia():
            return "none"
        case NoAudio():
            return "no_audio"
        case BadSource():
            return "not_media"
        case _:
            return None


def _of_page(status: int | None) -> MediaState:
    """Returns the state for a page's HTTP status; None means that there was no response."""
    if status is None:
        return "unreachable"
    return meaning(status).state if status >= 400 else "not_media"


def failure(url: str, probed: ProbeResult) -> AlignerError:
    """Returns the error for a recording whose probe found that it does not play."""
    if probed.state == "no_audio":
        return NoAudio(url, probed.reason)
    return MediaUnavailable(url, probed.state, probed.reason, probed.http_status)


def shortfall(audio: Audio, media: MediaFile) -> str | None:
    """Returns why a decoded recording is only part of what is declared; None if it is whole.

    Its manifest, its file and its page may declare a length. Less than a second or 2 % of it may
    be missing.
    """
    had_ms = max(audio.duration_ms, audio.end_ms or 0) - media.unreadable_ms
    in_manifest_ms = max(media.duration_ms or 0, had_ms + media.unreadable_ms)
    return (
        _shorter(had_ms, in_manifest_ms, "its manifest")
        or _shorter(had_ms, audio.declared_ms or 0, "its file")
        or shorter_than_page(had_ms, media.link)
    )


def shorter_than_page(had_ms: int, link: MediaLink) -> str | None:
    """Returns why a recording is only part of what its page declares; None if it is whole.

    Lengths on pages are written by people: 10 % may be missing, and a minute if the length is in
    whole minutes.
    """
    page_ms = link.declared_duration_ms or 0
    rounded_ms = MINUTE_MS if page_ms % MINUTE_MS == 0 else 0
    return _shorter(had_ms, page_ms, "the page", max(page_ms // 10, rounded_ms))


def _shorter(had_ms: int, declared_ms: int, by: str, tolerance_ms: int = 0) -> str | None:
    if declared_ms - had_ms <= max(MISSING_MS, declared_ms // 50, tolerance_ms):
        return None
    return (
        f"only part of the recording can be had: {had_ms / 1000:.1f} s of the "
        f"{declared_ms / 1000:.1f} s that {by} declares"
    )


def is_temporary(status: Status, state: MediaState | None, http_status: int | None) -> bool:
    """Whether the same source may succeed at a later time, with nothing changed here.

    True for time-outs, failed connections, HTTP status 408, 425, 429 and 5xx, announced
    recordings and unexpected errors; False for 401, 402, 403, 404 and 410.
    """
    if status not in FAILURES:
        return False
    if http_status is not None and (http_status in TEMPORARY_HTTP or http_status >= 500):
        return True
    return state is None or state in TEMPORARY_STATES
