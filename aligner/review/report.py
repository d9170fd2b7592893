"""The page that lists a folder's results; each row leads to a result's review page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aligner.review.issues import to_look_at
from aligner.review.page import assemble, json_part
from aligner.review.results import Result
from aligner.types import Json


def report(found: Sequence[Result], address: Callable[[str], str]) -> str:
    """Returns the HTML of the list; ``address`` returns a review page's address for its name."""
    rows = [_row(result, address(result.name)) for result in found]
    texts = {"title": "Captions to review"}
    return assemble("report.html", texts, {"data": json_part({"rows": rows})}, ("dom", "report"))


def _row(result: Result, address: str) -> Json:
    outcome = result.outcome
    coverage = outcome.alignment.coverage if outcome.alignment else None
    captions = outcome.captions
    edited = sum(c.origin == "edited" for c in captions.cues) if captions else 0
    return {
        "name": result.name,
        "address": address,
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
