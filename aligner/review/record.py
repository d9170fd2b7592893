"""The text of a sidecar -> the Outcome that it tells of, every part looked at.

A sidecar may come from anywhere: what is not of the schema is refused with a sentence, so that
nothing behind this file needs to ask again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args
from urllib.parse import urlsplit

from aligner.formats import sidecar
from aligner.nouns import (
    Alignment,
    Article,
    Captions,
    CaptionWord,
    Coverage,
    Cue,
    Declared,
    Divergence,
    DivergenceKind,
    EngineInfo,
    Json,
    MediaKind,
    MediaLink,
    Origin,
    Outcome,
    Paragraph,
    Role,
    Sentence,
    SentenceKind,
    Span,
    Stretch,
)

LONGEST_MS = 100 * 3600 * 1000
"""No recording is longer than a hundred hours; a time beyond is a mistake."""
MOST = 1_000_000
"""No list of a sidecar is longer."""

T = TypeVar("T")

_ORIGINS: tuple[Origin, ...] = get_args(Origin)
_ROLES: tuple[Role, ...] = get_args(Role)
_KINDS: tuple[DivergenceKind, ...] = get_args(DivergenceKind)
_SENTENCES: tuple[SentenceKind, ...] = get_args(SentenceKind)
_MEDIA: tuple[MediaKind, ...] = get_args(MediaKind)


def read(text: str) -> tuple[Outcome, Json]:
    """The text of a sidecar -> what it tells, and its record. Raises ValueError if it is none."""
    status, record = sidecar.read_status(text)
    source = _object(record.get("source"), "source")
    outcome = Outcome(
        status=status,
        reason=_text(record.get("reason", ""), "reason"),
        source=_text(source.get("given", ""), "source.given"),
        url=_text_or_none(source.get("url"), "source.url"),
        article=_article(record, source),
        declared=Declared(),
        media=_media(record),
        duration_ms=_duration(record),
        engine=_engine(record),
        alignment=_alignment(record),
        captions=_captions(record),
    )
    return outcome, record


def words_and_cues(record: Json) -> tuple[tuple[CaptionWord, ...], tuple[Cue, ...]]:
    """A record's lists of words and of cues. Raises ValueError if they are not of the schema."""
    return _list(record.get("words"), "words", _word), _list(record.get("cues"), "cues", _cue)


# ---------------------------------------------------------------- the parts


def _article(record: Json, source: Json) -> Article | None:
    paragraphs = _list(record.get("article", []), "article", _paragraph)
    title = _text_or_none(source.get("title"), "source.title")
    if not paragraphs and title is None:
        return None
    language = _text_or_none(source.get("language"), "source.language")
    return Article(_text_or_none(source.get("url"), "source.url"), title, language, paragraphs)


def _paragraph(item: Any, where: str) -> Paragraph:
    part = _object(item, where)
    return Paragraph(_text(part.get("text"), where), _one_of(part.get("role"), _ROLES, where))


def _media(record: Json) -> MediaLink | None:
    if record.get("media") is None:
        return None
    part = _object(record["media"], "media")
    kind = _one_of(part.get("kind"), _MEDIA, "media.kind")
    return MediaLink(_address(part.get("url"), "media.url"), kind, str(part.get("found_by", "")))


def _duration(record: Json) -> int | None:
    part = record.get("media")
    value = part.get("duration_ms") if isinstance(part, dict) else None
    return None if value is None else _ms(value, "media.duration_ms")


def _engine(record: Json) -> EngineInfo | None:
    if record.get("engine") is None:
        return None
    part = _object(record["engine"], "engine")
    name, model = (_text(part.get(key), f"engine.{key}") for key in ("name", "model"))
    return EngineInfo(name, model, str(part.get("version", "")))


def _alignment(record: Json) -> Alignment | None:
    if record.get("coverage") is None:
        return None
    part = _object(record["coverage"], "coverage")
    heard = _share(part.get("speech_in_article"), "coverage.speech_in_article")
    read_ = _share(part.get("article_in_speech"), "coverage.article_in_speech")
    divergence = _list(record.get("divergence", []), "divergence", _divergence)
    return Alignment(
        (),
        Coverage(heard, read_),
        (),
        divergence,
        sentences=_list(record.get("sentences", []), "sentences", _sentence),
        stretches=_list(record.get("stretches", []), "stretches", _stretch),
    )


def _sentence(item: Any, where: str) -> Sentence:
    part = _object(item, where)
    return Sentence(
        article=_span(part.get("article"), where),
        kind=_one_of(part.get("kind"), _SENTENCES, where),
        share=_share(part.get("share"), where),
        start_ms=_ms_or_none(part.get("start_ms"), where),
        end_ms=_ms_or_none(part.get("end_ms"), where),
        text=_text(part.get("text"), where),
    )


def _stretch(item: Any, where: str) -> Stretch:
    """The spoken words' numbers are not in a sidecar."""
    part = _object(item, where)
    return Stretch(
        spoken=Span(0, 0),
        in_article=part.get("in_article") is True,
        start_ms=_ms(part.get("start_ms"), where),
        end_ms=_ms(part.get("end_ms"), where),
        text=_text(part.get("text"), where),
    )


def _captions(record: Json) -> Captions | None:
    words, cues = words_and_cues(record)
    language = _text_or_none(record.get("lang"), "lang")
    return None if language is None else Captions(language, cues, words)


def _divergence(item: Any, where: str) -> Divergence:
    part = _object(item, where)
    span = part.get("article")
    return Divergence(
        kind=_one_of(part.get("kind"), _KINDS, where),
        article=None if span is None else _span(span, where),
        start_ms=_ms_or_none(part.get("start_ms"), where),
        end_ms=_ms_or_none(part.get("end_ms"), where),
        text=_text(part.get("text"), where),
    )


def _word(item: Any, where: str) -> CaptionWord:
    part = _object(item, where)
    place, heard = part.get("article_word"), part.get("heard")
    return CaptionWord(
        text=_text(part.get("text"), where),
        start_ms=_ms(part.get("start_ms"), where),
        end_ms=_ms(part.get("end_ms"), where),
        origin=_one_of(part.get("origin"), _ORIGINS, where),
        score=_share(part.get("score"), where),
        article_word=None if place is None else _whole(place, MOST, where),
        space_before=part.get("space_before", True) is not False,
        heard=_text_or_none(heard, where),
    )


def _cue(item: Any, where: str) -> Cue:
    part = _object(item, where)
    start, end = _ms(part.get("start_ms"), where), _ms(part.get("end_ms"), where)
    if end <= start:
        raise ValueError(f"{where}: ends before it starts")
    lines = _list(part.get("lines"), f"{where}.lines", _text)
    return Cue(start, end, lines, _one_of(part.get("origin"), _ORIGINS, where))


# ---------------------------------------------------------------- values of JSON, looked at


def _object(value: Any, where: str) -> Json:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: not an object")
    return value


def _list(value: Any, where: str, read_one: Callable[[Any, str], T]) -> tuple[T, ...]:
    if not isinstance(value, list) or len(value) > MOST:
        raise ValueError(f"{where}: not a list")
    return tuple(read_one(item, f"{where}[{k}]") for k, item in enumerate(value))


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: not a text")
    return value


def _address(value: Any, where: str) -> str:
    """An address, or a path: what can be taken apart as one."""
    text = _text(value, where)
    urlsplit(text)  # raises ValueError
    return text


def _text_or_none(value: Any, where: str) -> str | None:
    return None if value is None else _text(value, where)


def _whole(value: Any, most: int, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{where}: {value!r} is not a whole number from 0 to {most}")
    return value


def _ms(value: Any, where: str) -> int:
    return _whole(value, LONGEST_MS, where)


def _ms_or_none(value: Any, where: str) -> int | None:
    return None if value is None else _ms(value, where)


def _share(value: Any, where: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(f"{where}: {value!r} is not a share from 0 to 1")
    return float(value)


def _span(value: Any, where: str) -> Span:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{where}: not a pair of word numbers")
    start, end = (_whole(v, MOST, where) for v in value)
    if end <= start:
        raise ValueError(f"{where}: an empty span")
    return Span(start, end)


def _one_of(value: Any, choices: Sequence[T], where: str) -> T:
    for choice in choices:
        if choice == value:
            return choice
    raise ValueError(f"{where}: {value!r} is none of {', '.join(map(str, choices))}")
