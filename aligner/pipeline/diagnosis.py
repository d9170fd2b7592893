"""Error -> what every command says of it: status, state, reason and HTTP status.

`check`, `caption` and `batch` all take their words from here, so that one source has one answer.
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
from aligner.types import MediaState, ProbeResult, Status

PLAYS: tuple[MediaState, ...] = ("playable", "audio_only", "already_captioned")
"""States of a recording that can be captioned."""
PASSING_STATES: tuple[MediaState, ...] = ("unreachable", "live", "not_yet")
"""States that may be otherwise at a later time, without anybody doing anything."""
PASSING_HTTP = (408, 425, 429)
"""HTTP statuses below 500 after which the same request may succeed later (RFC 9110, RFC 6585)."""
FAILURES: tuple[Status, ...] = ("error", "media_unavailable")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is said of a source that failed."""

    status: Status
    state: MediaState | None
    """None where the error says nothing of the media: the disk is full, nobody speaks."""
    reason: str
    http_status: int | None = None
    """Of the answer that failed; None where no answer came, or none was asked for."""


def diagnose(error: AlignerError) -> Diagnosis:
    """An error that ended the work on a source -> what to say of it."""
    http_status = error.http_status
    return Diagnosis(error.status, _state(error), sentence(error), http_status)


def sentence(error: AlignerError) -> str:
    """An error as the reason of an outcome, which names source and recording itself."""
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
    """The state of a source by its page's HTTP status; None without an answer."""
    if status is None:
        return "unreachable"
    return meaning(status).state if status >= 400 else "not_media"


def failure(url: str, tried: ProbeResult) -> AlignerError:
    """What trying a recording's address showed, where it does not play -> the error of it."""
    if tried.state == "no_audio":
        return NoAudio(url, tried.reason)
    return MediaUnavailable(url, tried.state, tried.reason, tried.http_status)


def is_temporary(status: Status, state: MediaState | None, http_status: int | None) -> bool:
    """Whether the same source may end otherwise at a later time, with nothing changed here.

    So after a time-out, a connection that failed, the HTTP statuses 408, 425, 429 and 5xx, a
    recording that is announced, and what nobody foresaw; not after 401, 402, 403, 404 or 410.
    """
    if status not in FAILURES:
        return False
    if http_status is not None and (http_status in PASSING_HTTP or http_status >= 500):
        return True
    return state is None or state in PASSING_STATES
