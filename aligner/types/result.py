"""The result of captioning or checking one source."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from aligner.types.alignment import Alignment
from aligner.types.captions import Captions
from aligner.types.media import MediaLink
from aligner.types.page import Article, PlayerMetadata
from aligner.types.probe import MediaInfo, MediaState
from aligner.types.speech import EngineInfo
from aligner.types.time import Span

Status = Literal[
    "captioned", "speech_only", "no_media", "media_unavailable", "no_audio", "no_speech", "error"
]

STATUSES: tuple[Status, ...] = get_args(Status)


PronunciationSource = Literal["dictionary", "orthography", "syllables", "characters", "letters"]

"""How words get the phones by which the acoustic model times them: by a dictionary (English), by
the rules of the language's orthography, by the syllables that its characters stand for, by the
usual readings of Han characters and kana, or by the usual values of letters."""


@dataclass(frozen=True, slots=True)
class TimingInfo:
    """How the times of the words were found, and how exact they usually are."""

    by: Literal["recogniser", "dictionary", "orthography", "syllables", "characters", "letters"]
    """"recogniser": by its attention alone, without the acoustic model. For the others see
    ``PronunciationSource``. A word that does not fit the sound keeps the recogniser's time."""
    usual_error_ms: int | None = None
    """The mean error of word starts, as measured in this language in clean sound; None if it is not
    measured."""
    snr_db: int | None = None
    """The estimated signal-to-noise ratio of the recording, in dB; None if it is not measured."""


@dataclass(frozen=True, slots=True)
class CaptionResult:
    """The result of captioning one source. Every source has exactly one."""

    status: Status
    reason: str
    """One sentence for people."""
    source: str
    """The source's name, as given."""
    url: str | None = None
    article: Article | None = None
    declared: PlayerMetadata = field(default_factory=PlayerMetadata)
    media: MediaLink | None = None
    duration_ms: int | None = None
    """The recording's duration, measured."""
    sha256: str | None = None
    """The hash of the recording's file."""
    file: Path | None = None
    """The recording on this disk, if it is kept after captioning."""
    engine: EngineInfo | None = None
    alignment: Alignment | None = None
    captions: Captions | None = None
    not_understood: tuple[Span, ...] = ()
    """Stretches of speech, in milliseconds, that no caption word accounts for."""
    timing: TimingInfo | None = None
    """How the times of the caption words were found; None without captions."""
    state: MediaState | None = None
    """The state of the article's media, as `aligner check` reports it; None if unknown."""
    http_status: int | None = None
    """The HTTP status behind this result: the recording's if that was refused, else the page's."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of checking one source for media."""

    source: str
    url: str | None
    title: str | None
    language: str | None
    state: MediaState
    reason: str
    declared: PlayerMetadata
    media: MediaLink | None = None
    candidates: tuple[MediaLink, ...] = ()
    probed: MediaInfo | None = None
    answered: bool = True
    """Whether the page could be read."""
    listed_in: str | None = None
    """The feed or sitemap that named the source."""
    http_status: int | None = None
    """The HTTP status behind this result: the recording's if that was refused, else the page's."""


Json = dict[str, Any]

"""A JSON object."""
