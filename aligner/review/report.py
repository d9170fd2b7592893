"""The page that lists a folder's results; each row leads to a result's review page."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from aligner.review.issues import to_look_at
from aligner.review.page import assemble, json_part
from aligner.review.results import Result
from aligner.types import Json


def report(rows: Iterable[Json]) -> str:
    """Returns the HTML of the list of these rows."""
    texts = {"title": "Captions to review"}
    return assemble(
        "report.html", texts, {"data": json_part({"rows": list(rows)})}, ("dom", "report")
    )


def address_of(name: str) -> str:
    """Returns the address of a result's review page, relative to the list."""
    return f"page/{quote(name, safe='')}"


def not_read_row(name: str) -> Json:
    """Returns the row of a result that was not read yet."""
    reason = "not read yet: load this list again in a moment"
    counts = {"cues": 0, "speech": None, "article": None, "look": 0, "edited": 0}
    about = {"title": name, "status": "not_read", "reason": reason, "language": None}
    return {"name": name, "address": address_of(name), **about, "duration_ms": None, **counts}


def row_of(result: Result) -> Json:
    """Returns the row of a result."""
    outcome = result.outcome
    coverage = outcome.alignment.coverage if outcome.alignment else None
    captions = outcome.captions
    edited = sum(c.origin == "edited" for c in captions.cues) if captions else 0
    return {
        "name": result.name,
        "address": address_of(result.name),
        "title": (outcome.article and outcome.article.title) or result.name,
        "status": outcome.status,
        "reason": outcome.reason,
        "language": captions.language if captions else None,
        "duration_ms": outcome.duration_ms,
        "cues": len(captions.cues) if captions else 0,
        "speech": coverage.speech_in_article if coverage else None,
        "article": coverage.article_in_speech if coverage else None,
        "look": len(to_look_at(outcome)),
        "edited": edited,
    }
