"""The line of report.jsonl for a result, which the report page is also made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from aligner._util.surrogates import encodable
from aligner.captions import store
from aligner.pipeline.diagnosis import is_temporary
from aligner.review.issues import places_to_look_at
from aligner.types import CaptionResult, Json

SCHEMA = "aligner-batch/1"
DIGITS = 4


def of(outcome: CaptionResult, name: str, files: Sequence[str]) -> str:
    """Returns the line of a result with these file names."""
    coverage = outcome.alignment.coverage if outcome.alignment else None
    record: Json = {
        "schema": SCHEMA,
        "source": outcome.source,
        "name": name,
        "status": outcome.status,
        "reason": outcome.reason,
        "state": outcome.state,
        "http_status": outcome.http_status,
        "temporary": is_temporary(outcome.status, outcome.state, outcome.http_status),
        "url": outcome.url,
        "title": outcome.article.title if outcome.article else None,
        "language": outcome.captions.language if outcome.captions else None,
        "media": outcome.media and {"url": outcome.media.url, "kind": outcome.media.kind},
        "duration_ms": outcome.duration_ms,
        "coverage": coverage
        and {
            "speech_in_article": round(coverage.speech_in_article, DIGITS),
            "article_in_speech": round(coverage.article_in_speech, DIGITS),
        },
        "places_to_look_at": places_to_look_at(outcome),
        "cues": len(outcome.captions.cues) if outcome.captions else 0,
        "files": list(files),
    }
    return as_line(record)


PAGE_BEGINNING = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
BEGINNINGS = (f'{{"schema":"{SCHEMA}"', f'{PAGE_BEGINNING}<meta name="viewport"')


def is_report(place: Path) -> bool:
    """Whether a file is a batch's report; an empty one is that of no items."""
    return place.stat().st_size == 0 or any(store.is_made_so(place, text) for text in BEGINNINGS)


def as_line(record: Json) -> str:
    """Returns a record as one line of JSON."""
    return encodable(json.dumps(record, ensure_ascii=False))
