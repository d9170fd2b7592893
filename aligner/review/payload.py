"""The data that the review page's scripts work on.

Words and cues are arrays, not objects, to save space: three hours of speech have 30,000 words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from aligner.captions.formats import FORMATS, PLAIN, sidecar
from aligner.review.article_view import ArticleView, runs, words_of_cues
from aligner.review.issues import ReviewItem, group_divergences
from aligner.types import CaptionResult, Captions, CaptionWord, Cue, Json, Origin, Span

ORIGINS: tuple[Origin, ...] = get_args(Origin)
NOTHING = Captions("und", (), ())


def payload(outcome: CaptionResult, text: ArticleView) -> Json:
    """Returns the page's data, without what needs the recording's sound."""
    captions = outcome.captions or NOTHING
    spans = words_of_cues(captions.cues, captions.words)
    coverage = outcome.alignment.coverage if outcome.alignment else None
    engine = outcome.engine
    return {
        "status": outcome.status,
        "reason": outcome.reason,
        "title": outcome.article.title if outcome.article else None,
        "url": outcome.url,
        "lang": captions.language,
        "engine": f"{engine.name}, {engine.model}" if engine else None,
        "kind": outcome.media.kind if outcome.media else None,
        "media_url": outcome.media.url if outcome.media else None,
        "captioned": outcome.captions is not None,
        "duration_ms": outcome.duration_ms,
        "coverage": coverage and [coverage.speech_in_article, coverage.article_in_speech],
        "origins": ORIGINS,
        "cues": [_cue(c, captions.words, s) for c, s in zip(captions.cues, spans, strict=True)],
        "voices": sidecar.voices_part(outcome.captions).get("voices", []),
        "article": _article(text),
        "article_lang": outcome.article.language if outcome.article else None,
        "places": _places(outcome, captions, text),
        "vtt_head": FORMATS["vtt"].render(_without_cues(outcome, captions.language), PLAIN),
    }


def _without_cues(outcome: CaptionResult, language: str) -> CaptionResult:
    return replace(outcome, captions=Captions(language, (), ()))


def _cue(cue: Cue, words: Sequence[CaptionWord], span: Span) -> list[object]:
    """Returns [start, end, lines, origin, words] of a cue."""
    own = [_word(w) for w in words[span.start : span.end]]
    return [cue.start_ms, cue.end_ms, cue.lines, ORIGINS.index(cue.origin), own]


def _word(w: CaptionWord) -> list[object]:
    """Returns a word: [text, start, end, origin, score, article word, space before, heard, speaker,
    glossary].

    The last five are left out from the end as long as they have their usual values.
    """
    short: list[object] = [w.text, w.start_ms, w.end_ms, ORIGINS.index(w.origin), w.score]
    more: list[object] = [w.article_word, int(w.space_before), w.heard, w.speaker, w.glossary]
    usual: list[object] = [None, 1, None, None, None]
    while more and more[-1] == usual[len(more) - 1]:
        more.pop()
    return short + more


def _article(text: ArticleView) -> Json:
    return {
        "words": [w.text for w in text.words],
        "glued": [n for n, w in enumerate(text.words) if not w.space_before],
        "passages": [
            {
                "role": passage.role,
                "runs": [
                    [status, s.start, s.end] for status, s in runs(text.statuses, passage.words)
                ],
            }
            for passage in text.paragraphs
        ],
    }


def _places(outcome: CaptionResult, captions: Captions, text: ArticleView) -> list[Json]:
    """Returns the divergences that the page marks and connects."""
    divergence = outcome.alignment.divergence if outcome.alignment else ()
    return [
        {
            "article": _pair(p.article),
            "start_ms": p.start_ms,
            "end_ms": p.end_ms,
            "said": p.said,
            "at": p.at,
        }
        for p in group_divergences(divergence, captions.words, text)
    ]


def issue_part(item: ReviewItem) -> Json:
    """Returns an issue as the page lists it."""
    return {
        "group": item.group,
        "weight": round(item.weight, 1),
        "written": item.written,
        "said": item.said,
        "start_ms": item.start_ms,
        "end_ms": item.end_ms,
        "article": _pair(item.article),
    }


def _pair(span: Span | None) -> list[int] | None:
    return None if span is None else [span.start, span.end]
