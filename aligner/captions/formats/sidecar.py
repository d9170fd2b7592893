"""Renders NAME.json, the sidecar of schema "aligner/1", which every result has.

The same result gives the same bytes. Lists have one item a line, so that two sidecars can be
compared line by line. This is the only writer of the schema; ``sidecar_reader.py`` is the only
reader.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from aligner._util import strict_json
from aligner._util.surrogates import encodable
from aligner.captions.formats.base import PLAIN, Format, Look
from aligner.types import (
    STATUSES,
    CaptionResult,
    Captions,
    CaptionWord,
    Divergence,
    Json,
    Paragraph,
    Sentence,
    Span,
    SpeechRegion,
    Status,
    Voice,
)

VERSION = 1
SCHEMA = f"aligner/{VERSION}"
_LATER = re.compile(r"aligner/([1-9][0-9]{0,5})")
SCORE_DIGITS = 3
COVERAGE_DIGITS = 4


class LaterSchema(ValueError):
    """A sidecar has a later schema than this version reads; ``schema`` is its name."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        super().__init__(
            f"written by a later aligner, in schema {schema}; this one reads {SCHEMA}: update it"
        )


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:
    """Returns the sidecar's text."""
    return text_of(_record(outcome) | look_part(look))


def text_of(record: Json) -> str:
    """Returns the text of a sidecar's record."""
    return encodable(_dump(record))


def read_status(text: str) -> tuple[Status, Json]:
    """Returns the status and the record of a sidecar's text.

    Raises LaterSchema if it is of a later schema, ValueError if it is no sidecar.
    """
    record = strict_json.read(text)
    named = record.get("schema") if isinstance(record, dict) else None
    if isinstance(named, str) and (later := _LATER.fullmatch(named)) and int(later[1]) > VERSION:
        raise LaterSchema(named)
    if not isinstance(record, dict) or named != SCHEMA:
        raise ValueError(f"not a sidecar of schema {SCHEMA}")
    for status in STATUSES:
        if record.get("status") == status:
            return status, record
    raise ValueError(f"its status is none of {', '.join(STATUSES)}")


def look_part(look: Look) -> Json:
    """Returns the sidecar's field ``look``, or no field for plain captions."""
    parts = {"styled": look.styled, "karaoke": look.karaoke, "mpegts": look.mpegts}
    chosen = {name: value for name, value in parts.items() if value}
    return {"look": chosen} if chosen else {}


# ---------------------------------------------------------------- the parts, in their order


def _record(outcome: CaptionResult) -> Json:
    captions, alignment = outcome.captions, outcome.alignment
    article = outcome.article
    return {
        "schema": SCHEMA,
        "status": outcome.status,
        "reason": outcome.reason,
        "state": outcome.state,
        "http_status": outcome.http_status,
        "source": {
            "url": outcome.url,
            "title": article.title if article else None,
            "language": article.language if article else None,
            "given": outcome.source,
        },
        "lang": captions.language if captions else None,
        "declared": {
            "duration_ms": outcome.declared.duration_ms,
            "title": outcome.declared.title,
            "says_no_media": outcome.declared.says_no_media,
        },
        "media": _media(outcome),
        "engine": _engine(outcome),
        "timing": _timing(outcome),
        "coverage": _coverage(outcome),
        "sentences": [_sentence(s) for s in alignment.sentences] if alignment else [],
        "stretches": [_stretch(s) for s in alignment.stretches] if alignment else [],
        "words": _words(captions) if captions else [],
        **voices_part(captions),
        "cues": cues_part(captions) if captions else [],
        "divergence": [_divergence(d) for d in alignment.divergence] if alignment else [],
        "not_understood": [{"start_ms": s.start, "end_ms": s.end} for s in outcome.not_understood],
        "article": [_paragraph(p) for p in article.paragraphs] if article else [],
    }


def _paragraph(paragraph: Paragraph) -> Json:
    record: Json = {"role": paragraph.role, "text": paragraph.text}
    if paragraph.speaker is not None:
        record["speaker"] = paragraph.speaker
    if paragraph.cues:
        record["cues"] = list(paragraph.cues)
    return record


def _media(outcome: CaptionResult) -> Json | None:
    link = outcome.media
    if link is None:
        return None
    return {
        "url": link.url,
        "kind": link.kind,
        "found_by": link.found_by,
        "duration_ms": outcome.duration_ms,
        "sha256": outcome.sha256,
    }


def _engine(outcome: CaptionResult) -> Json | None:
    engine = outcome.engine
    if engine is None:
        return None
    made: Json = {"name": engine.name, "model": engine.model, "version": engine.version}
    return made | ({"weights_sha256": engine.weights_sha256} if engine.weights_sha256 else {})


def _timing(outcome: CaptionResult) -> Json | None:
    timing = outcome.timing
    if timing is None:
        return None
    return {
        "by": timing.by,
        "usual_error_ms": timing.usual_error_ms,
        "snr_db": timing.snr_db,
    }


def _coverage(outcome: CaptionResult) -> Json | None:
    if outcome.alignment is None:
        return None
    coverage = outcome.alignment.coverage
    return {
        "speech_in_article": _rounded(coverage.speech_in_article, COVERAGE_DIGITS),
        "article_in_speech": _rounded(coverage.article_in_speech, COVERAGE_DIGITS),
    }


def _words(captions: Captions) -> list[Json]:
    return [_word(w) for w in captions.words]


def _word(w: CaptionWord) -> Json:
    record: Json = {
        "text": w.text,
        "start_ms": w.start_ms,
        "end_ms": w.end_ms,
        "origin": w.origin,
        "score": _rounded(w.score, SCORE_DIGITS),
        "article_word": w.article_word,
    }
    if not w.space_before:
        record["space_before"] = False
    if w.speaker is not None:
        record["speaker"] = w.speaker
    if w.heard is not None:
        record["heard"] = w.heard
    if w.glossary is not None:
        record["glossary"] = w.glossary
    return record


def voices_part(captions: Captions | None) -> Json:
    """Returns the field ``voices``; no field where voices are not told apart."""
    if not captions or not captions.voices:
        return {}
    return {
        "voices": [_voice(v) for v in captions.voices],
    }


def _voice(voice: Voice) -> Json:
    record: Json = {
        "id": voice.id,
        "name": voice.name,
        "label": voice.label,
        "evidence": list(voice.evidence),
    }
    if voice.suggestions:
        record["suggestions"] = [{"name": s.name, "why": s.why} for s in voice.suggestions]
    return record


def cues_part(captions: Captions) -> list[Json]:
    """Returns the sidecar's list of cues."""
    return [
        {"start_ms": c.start_ms, "end_ms": c.end_ms, "lines": list(c.lines), "origin": c.origin}
        for c in captions.cues
    ]


def _divergence(part: Divergence) -> Json:
    return {
        "kind": part.kind,
        "article": _span(part.article),
        "start_ms": part.start_ms,
        "end_ms": part.end_ms,
        "text": part.text,
    }


def _sentence(sentence: Sentence) -> Json:
    return {
        "kind": sentence.kind,
        "article": _span(sentence.article),
        "share": _rounded(sentence.share, SCORE_DIGITS),
        "start_ms": sentence.start_ms,
        "end_ms": sentence.end_ms,
        "text": sentence.text,
    }


def _stretch(stretch: SpeechRegion) -> Json:
    return {
        "in_article": stretch.in_article,
        "start_ms": stretch.start_ms,
        "end_ms": stretch.end_ms,
        "text": stretch.text,
    }


def _span(span: Span | None) -> list[int] | None:
    return None if span is None else [span.start, span.end]


def _rounded(share: float, digits: int) -> float:
    """Returns a rounded share; 0 for NaN and infinity, which JSON cannot hold."""
    return round(float(share), digits) if math.isfinite(share) else 0.0


# ---------------------------------------------------------------- the layout


def _dump(record: Json) -> str:
    parts = (f" {_compact(key)}: {_value(value)}" for key, value in record.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _value(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return "[\n" + ",\n".join(f"  {_compact(item)}" for item in value) + "\n ]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


JSON = Format(
    name="json", suffix=".json", render=render, needs_cues=False,
    about="all that is known, for programs",
)  # fmt: skip
