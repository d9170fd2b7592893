"""A sidecar's text -> the outcome; what is not of the schema is refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from aligner._util.distribution import VERSION
from aligner.captions.formats import FORMATS, PLAIN
from aligner.captions.formats.sidecar_reader import read
from aligner.types import STATUSES, CaptionResult, Json

SAMPLE = Path(__file__).parents[2] / "data" / "review"


def sample() -> Json:
    record: Json = json.loads((SAMPLE / "russia-and-assad.json").read_text("utf-8"))
    return record


@pytest.mark.parametrize("kind", ["vtt", "txt"])
def test_what_was_read_gives_the_files_again(kind: str) -> None:
    outcome, _ = read((SAMPLE / "russia-and-assad.json").read_text("utf-8"))
    written = (SAMPLE / f"russia-and-assad.{kind}").read_text("utf-8")
    written = written.replace("aligner 0.1.0", f"aligner {VERSION}")
    assert FORMATS[kind].render(outcome, PLAIN) == written


@pytest.mark.parametrize("status", STATUSES)
def test_every_outcome_can_be_read(status: str) -> None:
    known = next(s for s in STATUSES if s == status)
    outcome, _ = read(FORMATS["json"].render(CaptionResult(known, "why", "page.html"), PLAIN))
    assert (outcome.status, outcome.reason, outcome.captions) == (status, "why", None)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda r: r.update(words={}), "words"),
        (lambda r: r["words"].append(1), "words[294]"),
        (lambda r: r["words"][3].update(text=1), "words[3]"),
        (lambda r: r["words"][3].update(origin="guess"), "words[3]"),
        (lambda r: r["words"][3].update(score="high"), "words[3]"),
        (lambda r: r["words"][3].update(score=True), "words[3]"),
        (lambda r: r["words"][3].update(start_ms=1.5), "words[3]"),
        (lambda r: r["words"][3].update(start_ms=10**12), "words[3]"),
        (lambda r: r["words"][3].update(article_word=-1), "words[3]"),
        (lambda r: r["cues"][0].update(end_ms=1), "cues[0]"),
        (lambda r: r["cues"][0].update(lines=[None]), "cues[0]"),
        (lambda r: r["divergence"][0].update(kind="odd"), "divergence[0]"),
        (lambda r: r["divergence"][1].update(article=[3, 3]), "divergence[1]"),
        (lambda r: r["divergence"][1].update(article=[1]), "divergence[1]"),
        (lambda r: r.update(not_understood=[{"start_ms": 9, "end_ms": 9}]), "not_understood[0]"),
        (lambda r: r.update(not_understood=[[1, 2]]), "not_understood[0]"),
        (lambda r: r["article"][0].update(role="advert"), "article[0]"),
        (lambda r: r.update(source=[]), "source"),
        (lambda r: r["media"].update(kind="film"), "media.kind"),
        (lambda r: r["media"].update(duration_ms="long"), "media.duration_ms"),
        (lambda r: r["coverage"].update(speech_in_article=2), "coverage"),
        (lambda r: r.update(engine="whisper"), "engine"),
        (lambda r: r.update(lang=5), "lang"),
    ],
)
def test_what_is_not_of_the_schema_is_named(change: Callable[[Json], object], where: str) -> None:
    record = sample()
    change(record)
    with pytest.raises(ValueError, match=r".+") as refused:
        read(json.dumps(record))
    assert str(refused.value).startswith(where)
