"""The schema of a sidecar, aligner/1, as msgspec structs, to which the reader converts records.

``json_schema`` returns the published form of the same structs. Fields with a default may be missing
in sidecars of earlier versions; unknown fields are allowed.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from aligner.types import (
    DivergenceKind,
    EngineInfo,
    Json,
    MediaKind,
    Origin,
    PlayerMetadata,
    Role,
    SentenceKind,
    Status,
    TimingInfo,
)

LONGEST_MS = 1000 * 3600 * 1000
"""A thousand hours; a later time is a mistake."""
MAX_ITEMS = 1_000_000
"""The most items of a list."""

T = TypeVar("T")
Ms = Annotated[
    int, msgspec.Meta(ge=0, le=LONGEST_MS, description="Milliseconds of the recording's clock")
]
Index = Annotated[int, msgspec.Meta(ge=0, le=MAX_ITEMS)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Many = Annotated[tuple[T, ...], msgspec.Meta(max_length=MAX_ITEMS)]


class SourceRecord(msgspec.Struct):
    """The article; ``given`` is the source as the command got it."""

    url: str | None = None
    title: str | None = None
    language: str | None = None
    given: str = ""


class MediaRecord(msgspec.Struct):
    """The recording. ``sha256`` is the digest of its file."""

    url: str
    kind: MediaKind
    found_by: str = ""
    duration_ms: Ms | None = None
    sha256: str | None = None


class CoverageRecord(msgspec.Struct):
    """Shares of the words of the speech, and of the article, that were matched."""

    speech_in_article: Share
    article_in_speech: Share


class SentenceRecord(msgspec.Struct):
    """A sentence of the article; ``article`` is its span of words, without the end."""

    kind: SentenceKind
    article: tuple[Index, Index]
    share: Share
    start_ms: Ms | None
    end_ms: Ms | None
    text: str


class SpeechRegionRecord(msgspec.Struct):
    """A stretch of speech, read from the article or not."""

    in_article: bool
    start_ms: Ms
    end_ms: Ms
    text: str


class DivergenceRecord(msgspec.Struct):
    """A place where speech and article differ."""

    kind: DivergenceKind
    article: tuple[Index, Index] | None
    start_ms: Ms | None
    end_ms: Ms | None
    text: str


class NotUnderstoodRecord(msgspec.Struct):
    """A stretch of speech that no word accounts for."""

    start_ms: Ms
    end_ms: Ms


class WordRecord(msgspec.Struct):
    """A word of the captions.

    ``article_word`` is its position in the article; ``glossary`` names the glossary whose spelling
    a respelled word has instead.
    """

    text: str
    start_ms: Ms
    end_ms: Ms
    origin: Origin
    score: Share
    article_word: Index | None = None
    space_before: bool = True
    speaker: str | None = None
    heard: str | None = None
    glossary: str | None = None


class SuggestionRecord(msgspec.Struct):
    """A name that a voice may have, and what speaks for it."""

    name: str
    why: str


class VoiceRecord(msgspec.Struct):
    """A voice of the recording. ``id`` is the ``speaker`` of its words; ``label`` is shown.

    ``suggestions`` are names that are not certain; no caption shows them.
    """

    id: str
    label: str
    name: str | None = None
    evidence: tuple[str, ...] = ()
    suggestions: tuple[SuggestionRecord, ...] = ()


class CueRecord(msgspec.Struct):
    """A cue, shown from ``start_ms`` up to ``end_ms``."""

    start_ms: Ms
    end_ms: Ms
    lines: tuple[str, ...]
    origin: Origin


class ParagraphRecord(msgspec.Struct):
    """A paragraph of the article.

    ``speaker`` and ``cues`` (sound cues, stage directions) are those of a script.
    """

    role: Role
    text: str
    speaker: str | None = None
    cues: tuple[str, ...] = ()


class LookRecord(msgspec.Struct):
    """How the captions are styled; ``mpegts`` is the 90 kHz timestamp of the start in HLS."""

    styled: bool = False
    karaoke: bool = False
    mpegts: Annotated[int, msgspec.Meta(ge=0, lt=2**33)] = 0


class LookPart(msgspec.Struct):
    """The part of a sidecar that says how its captions are styled."""

    look: LookRecord | None = None


class SidecarRecord(msgspec.Struct, kw_only=True):
    """The result of one source, in schema aligner/1."""

    schema: Literal["aligner/1"]
    status: Status
    reason: str = ""
    state: str | None = None
    http_status: int | None = None
    source: SourceRecord
    lang: str | None = None
    declared: PlayerMetadata = PlayerMetadata()
    media: MediaRecord | None = None
    engine: EngineInfo | None = None
    timing: TimingInfo | None = None
    coverage: CoverageRecord | None = None
    words: Many[WordRecord]
    cues: Many[CueRecord]
    voices: Many[VoiceRecord] = ()
    sentences: Many[SentenceRecord] = ()
    stretches: Many[SpeechRegionRecord] = ()
    divergence: Many[DivergenceRecord] = ()
    not_understood: Many[NotUnderstoodRecord] = ()
    article: Many[ParagraphRecord] = ()
    look: LookRecord | None = None
    corrections: Index = 0


def json_schema() -> Json:
    """Returns the JSON Schema (draft 2020-12) of a sidecar."""
    made: dict[str, Any] = msgspec.json.schema(SidecarRecord)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def json_schema_text() -> str:
    """Returns the text of the published JSON Schema."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False).replace("``", "`") + "\n"
