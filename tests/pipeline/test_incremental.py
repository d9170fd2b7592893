"""Cues that are told while the rest is being heard."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from aligner.pipeline import steps
from aligner.pipeline.options import Options
from aligner.types import CaptionResult, Cue

SAMPLE = Path(__file__).parents[2] / "samples" / "russia-and-assad"
OTHER = (
    "The council of a small town voted on Monday to plant four hundred trees along its main "
    "street. Shopkeepers had asked for shade since the hot summers began. The first limes will "
    "be set in spring, the mayor said, and each will bear the name of the child who waters it. "
)


HEARD = Options(
    media=str(SAMPLE / "russia-and-assad.mp4"),
    engine="recorded",
    model=str(SAMPLE / "transcript.json"),
)


def followed(source: Path, options: Options = HEARD) -> tuple[list[Cue], CaptionResult]:
    """The cues told on the way, and the outcome; as if the words were heard window by window."""
    told: list[Cue] = []
    return told, steps.caption(str(source), replace(options, follow=told.append))


@pytest.mark.slow
def test_cues_are_told_on_the_way_and_stay() -> None:
    told, outcome = followed(SAMPLE / "index.html")
    assert outcome.captions
    final = outcome.captions.cues
    assert 10 < len(told) < len(final)  # the last ones are not certain before the end
    assert [cue.lines for cue in told] == [cue.lines for cue in final[: len(told)]]
    assert max(abs(a.start_ms - b.start_ms) for a, b in zip(told, final, strict=False)) <= 100


@pytest.mark.slow
def test_following_changes_nothing_of_what_is_made() -> None:
    told, outcome = followed(SAMPLE / "index.html")
    assert steps.caption(str(SAMPLE / "index.html"), HEARD) == outcome
    assert told


@pytest.mark.slow
def test_speech_that_is_not_the_articles_is_told_later(tmp_path: Path) -> None:
    article = tmp_path / "trees.txt"
    article.write_text(f"Trees for the town\n\n{OTHER}\n", encoding="utf-8")
    told, outcome = followed(article)
    assert outcome.status == "speech_only"
    assert told
    assert {cue.origin for cue in told} <= {"spoken", "interpolated"}


@pytest.mark.slow
def test_nothing_is_told_of_speech_that_has_just_begun(tmp_path: Path) -> None:
    path = tmp_path / "short.json"
    transcript = json.loads((SAMPLE / "transcript.json").read_text("utf-8"))
    transcript["words"] = [w for w in transcript["words"] if w["end_ms"] < 10_000]
    path.write_text(json.dumps(transcript), encoding="utf-8")
    told, outcome = followed(SAMPLE / "index.html", replace(HEARD, model=str(path)))
    assert not told
    assert outcome.captions
