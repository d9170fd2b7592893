"""Reads a sidecar's text into a CaptionResult; ``sidecar.py`` writes it.

A sidecar may be of any origin. One that violates the schema is refused with an error that names
the field, so that callers need not check again. Unknown fields are ignored; fields that were added
to the schema later may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from aligner.captions.formats import sidecar
from aligner.captions.formats.base import PLAIN, Look
from aligner.captions.formats.sidecar_schema import (
    CueRecord,
    LookPart,
    SidecarRecord,
    VoiceRecord,
    WordRecord,
)
from aligner.types import (
    MEDIA_STATES,
    Alignment,
    Article,
    CaptionResult,
    Captions,
    CaptionWord,
    Coverage,
    Cue,
    Divergence,
    Json,
    MediaLink,
    NameSuggestion,
    Paragraph,
    Sentence,
    Span,
    SpeechRegion,
    Voice,
)

T = TypeVar("T")


def read(text: str) -> tuple[CaptionResult, Json]:
    """Returns the result of a sidecar's text, and its record. Raises ValueError if it is none."""
    status, record = sidecar.read_status(text)
    made = _converted(record, SidecarRecord)
    source, media = made.source, made.media
    outcome = CaptionResult(
        status=status,
        reason=made.reason,
        source=source.given,
        url=source.url,
        article=_article(made),
        declared=made.declared,
        media=MediaLink(_address(media.url), media.kind, media.found_by) if media else None,
        duration_ms=media.duration_ms if media else None,
        sha256=media.sha256 if media else None,
        engine=made.engine,
        timing=made.timing,
        alignment=_alignment(made),
        captions=_captions(made),
        not_understood=_not_understood(made),
        state=next((known for known in MEDIA_STATES if known == made.state), None),
        http_status=made.http_status,
    )
    return outcome, record


def is_edited(record: Json) -> bool:
    """Whether a person has corrected the captions of a record, which may be damaged."""
    if record.get("corrections"):
        return True
    parts = (record.get("words"), record.get("cues"))
    return any(
        isinstance(item, dict) and item.get("origin") == "edited"
        for part in parts
        if isinstance(part, list)
        for item in part
    )


def look_of(record: Json) -> Look:
    """Returns the style of a record's captions. Raises ValueError."""
    made = _converted({"look": record.get("look")}, LookPart).look
    return replace(PLAIN, **msgspec.structs.asdict(made)) if made else PLAIN


# ---------------------------------------------------------------- checking against the schema


_PLACE = re.compile(r"(?P<what>.*?)(?: - at `(?P<key>key in )?\$\.?(?P<where>[^`]*)`)?", re.DOTALL)


def _converted(record: Json, kind: type[T]) -> T:
    """Returns a record as a struct. Raises ValueError, which begins with the invalid field."""
    try:
        return msgspec.convert(record, kind)
    except msgspec.ValidationError as error:
        found = _PLACE.fullmatch(str(error))
        where, what = (found["where"], found["what"]) if found else ("", str(error))
        raise ValueError(f"{where or 'sidecar'}: {what}") from error


# ---------------------------------------------------------------- beyond the schema


def _article(made: SidecarRecord) -> Article | None:
    source = made.source
    paragraphs = tuple(Paragraph(p.text, p.role, p.speaker, p.cues) for p in made.article)
    if not paragraphs and source.title is None and source.language is None:
        return None
    return Article(source.url, source.title, source.language, paragraphs)


def _address(url: str) -> str:
    """Returns an address that can be parsed, or a path. Raises ValueError."""
    try:
        urlsplit(url)
    except ValueError as error:
        raise ValueError(f"media.url: {error}") from error
    return url


def _alignment(made: SidecarRecord) -> Alignment | None:
    """Returns the alignment without its matches, which a sidecar does not have."""
    coverage = made.coverage
    if coverage is None:
        return None
    return Alignment(
        matches=(),
        coverage=Coverage(coverage.speech_in_article, coverage.article_in_speech),
        divergence=tuple(
            Divergence(
                d.kind, d.article and _span(d.article, f"divergence[{k}]"), d.start_ms, d.end_ms,
                d.text,
            )
            for k, d in enumerate(made.divergence)
        ),
        sentences=tuple(
            Sentence(
                _span(s.article, f"sentences[{k}]"), s.kind, s.share, s.start_ms, s.end_ms, s.text
            )
            for k, s in enumerate(made.sentences)
        ),
        stretches=tuple(
            SpeechRegion(Span(0, 0), s.in_article, s.start_ms, s.end_ms, s.text)
            for s in made.stretches
        ),
    )  # fmt: skip


def _span(pair: tuple[int, int], where: str) -> Span:
    start, end = pair
    if end <= start:
        raise ValueError(f"{where}: an empty span")
    return Span(start, end)


def _not_understood(made: SidecarRecord) -> tuple[Span, ...]:
    return tuple(
        _span((lost.start_ms, lost.end_ms), f"not_understood[{k}]")
        for k, lost in enumerate(made.not_understood)
    )


def _captions(made: SidecarRecord) -> Captions | None:
    words, cues = _words(made.words), _cues(made.cues)
    voices = tuple(_voice(v) for v in made.voices)
    return None if made.lang is None else Captions(made.lang, cues, words, voices)


def _voice(v: VoiceRecord) -> Voice:
    suggestions = tuple(NameSuggestion(s.name, s.why) for s in v.suggestions)
    return Voice(v.id, v.label, v.name, v.evidence, suggestions)


def _words(words: Iterable[WordRecord]) -> tuple[CaptionWord, ...]:
    return tuple(
        CaptionWord(
            w.text, w.start_ms, w.end_ms, w.origin, w.score, w.article_word, w.space_before,
            w.speaker, heard=w.heard, glossary=w.glossary,
        )
        for w in words
    )  # fmt: skip


def _cues(cues: Iterable[CueRecord]) -> tuple[Cue, ...]:
    out = []
    for k, cue in enumerate(cues):
        if cue.end_ms <= cue.start_ms:
            raise ValueError(f"cues[{k}]: ends before it starts")
        out.append(Cue(cue.start_ms, cue.end_ms, cue.lines, cue.origin))
    return tuple(out)
