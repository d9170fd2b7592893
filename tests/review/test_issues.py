"""What a sidecar tells -> the places to look at, worst first, and what became of the article."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aligner.captions.formats.sidecar_reader import read
from aligner.review.article_view import view_of, words_of_cues
from aligner.review.issues import ReviewItem, find_issues, places_to_look_at
from aligner.review.issues import described as clause
from aligner.types import CaptionResult, CaptionWord, Cue, Json, Span

SAMPLE = Path(__file__).parents[1] / "data" / "review"


def sample() -> Json:
    record: Json = json.loads((SAMPLE / "russia-and-assad.json").read_text("utf-8"))
    return record


def outcome_of(record: Json) -> CaptionResult:
    return read(json.dumps(record))[0]


def told(record: Json, speech: tuple[Span, ...] = ()) -> tuple[ReviewItem, ...]:
    outcome = outcome_of(record)
    return find_issues(outcome, view_of(outcome), speech)


def test_of_the_sample() -> None:
    """Neighbouring divergences are one place, and a heard doubt about it is not told twice."""
    found = [(d.group, d.written, d.said) for d in told(sample()) if d.group != "wording"]
    assert found == [
        ("number", "and the 60-nation", "in the 16-ation"),
        ("name", "Assad is", "Saudi Arabia"),
        (
            "extra",
            "",
            "That was an editorial reflecting the views of the United States government.",
        ),
        ("extra", "", "Next, an editorial reflecting the views of the United States government."),
    ]


def test_what_is_counted_for_an_editor() -> None:
    outcome = outcome_of(sample())
    places = {"total": 4, "number": 1, "name": 1, "extra": 2}
    assert places_to_look_at(outcome) == places
    kinds = "1 number, 1 name, 2 passages that are not in the article"
    assert clause(places) == f"4 places to look at ({kinds})"
    assert clause({"total": 0}) == "0 places to look at"
    assert clause({"total": 1, "name": 1}) == "1 place to look at (1 name)"
    assert places_to_look_at(replace(outcome, captions=None)) is None


def test_a_place_that_a_person_has_corrected_is_not_counted() -> None:
    record = sample()
    (name,) = (d for d in told(record) if d.group == "name")
    for part in (*record["words"], *record["cues"]):
        if part["start_ms"] < (name.end_ms or 0) and part["end_ms"] > (name.start_ms or 0):
            part["origin"] = "edited"
    places = places_to_look_at(outcome_of(record))
    assert places is not None
    assert "name" not in places
    assert places["extra"] == 2


def changed(said: str, index: int) -> Callable[[Json], None]:
    def change(record: Json) -> None:
        w = next(w for w in record["words"] if w["article_word"] == index)
        record["divergence"] = [{
            "kind": "changed", "article": [index, index + 1], "text": said,
            "start_ms": w["start_ms"], "end_ms": w["end_ms"],
        }]  # fmt: skip
        w |= {"text": said, "origin": "spoken", "article_word": None}

    return change


def interpolated(record: Json) -> None:
    record["divergence"] = []
    for w in record["words"][20:25]:
        w["origin"] = "interpolated"


def weak(record: Json) -> None:
    record["divergence"] = []
    for w in record["words"]:
        w["score"] = 0.9
    for w in record["words"][40:42]:
        w["score"] = 0.1


def lost(record: Json) -> None:
    record["divergence"] = []
    record["not_understood"] = [{"start_ms": 5_000, "end_ms": 8_000}]


def unread(record: Json) -> None:
    span = range(70, 90)
    record["divergence"] = [{
        "kind": "not_spoken", "article": [70, 90], "text": "…", "start_ms": None, "end_ms": None
    }]  # fmt: skip
    record["words"] = [w for w in record["words"] if w["article_word"] not in span]


@pytest.mark.parametrize(
    ("change", "group"),
    [
        (changed("300,000", 32), "number"),
        (lost, "not_understood"),
        (changed("thirteen", 24), "number"),
        (changed("never", 24), "number"),
        (changed("Johnson", 68), "name"),
        (changed("struggle", 24), "wording"),
        (interpolated, "times"),
        (weak, "weak"),
        (unread, "unspoken"),
    ],
)
def test_what_is_doubtful_about_a_place(change: Callable[[Json], None], group: str) -> None:
    record = sample()
    for w in record["words"]:
        w["score"] = 0.9
    change(record)
    assert [d.group for d in told(record)] == [group]


@pytest.mark.parametrize(
    ("speech", "expected"),
    [
        ((Span(700, 105_000),), []),
        ((Span(0, 400),), []),
        ((Span(17_195, 22_661),), [(17_195, 22_491)]),
        ((Span(15_000, 30_000),), [(16_491, 22_491)]),
    ],
)
def test_speech_without_a_caption(
    speech: tuple[Span, ...], expected: list[tuple[int, int]]
) -> None:
    record = sample()
    if expected:
        del record["cues"][4:6]
    found = [(d.start_ms, d.end_ms) for d in told(record, speech) if d.group == "uncaptioned"]
    assert found == expected


def test_speech_that_was_not_understood_is_told_once_whether_or_not_there_is_sound() -> None:
    record = sample()
    lost(record)
    del record["cues"][4:6]
    groups = [(d.group, d.start_ms) for d in told(record, (Span(15_000, 30_000),))]
    assert ("not_understood", 5_000) in groups
    record["not_understood"] = [{"start_ms": 17_000, "end_ms": 22_000}]
    found = [d for d in told(record, (Span(15_000, 30_000),)) if d.group != "weak"]
    assert [(d.group, d.start_ms, d.end_ms) for d in found] == [("not_understood", 17_000, 22_000)]


def test_a_sidecar_without_the_articles_text_still_shows_one() -> None:
    record = sample()
    del record["article"]
    text = view_of(outcome_of(record))
    assert (
        " ".join(w.text for w in text.words[:8])
        == "Russia and Assad Russia is expanding its military"
    )
    assert text.words[102].text == "…"
    assert text.statuses[102] == "changed"


def test_fates_of_the_articles_words() -> None:
    text = view_of(outcome_of(sample()))
    assert text.statuses[0] == "not_spoken"
    assert text.statuses[3] == "said"
    assert {text.statuses[n] for n in range(34, 64)} == {"silent"}  # the photo's caption
    assert text.statuses[121:123] == ("changed", "changed")
    assert len(text.statuses) == text.paragraphs[-1].words.end


def word(text: str, start: int) -> CaptionWord:
    return CaptionWord(text, start, start + 100, "verified", 0.9)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((("one two",), ("three",)), [(0, 2), (2, 3)]),
        ((("one", "two"), ("three",)), [(0, 2), (2, 3)]),
        ((("one tw",), ("o three",)), [(0, 2), (2, 3)]),  # a word over two cues is the first's
        ((("uno",), ("due",)), [(0, 1), (1, 3)]),  # other text: by time
    ],
)
def test_cues_know_their_words(
    lines: tuple[tuple[str, ...], ...], expected: list[tuple[int, int]]
) -> None:
    words = [word("one", 0), word("two", 200), word("three", 400)]
    cues = [Cue(k * 150, k * 150 + 140, part, "verified") for k, part in enumerate(lines)]
    assert [(s.start, s.end) for s in words_of_cues(cues, words)] == expected
