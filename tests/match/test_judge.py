"""What a second hearing may and may not change."""

import pytest
from test_match import article, heard, origins, shown

from aligner import match
from aligner.nouns import Divergence, Span

FRAME = "They said in the capital that {} was ready for the long winter ahead."


class Ear:
    """A second hearing that gives every wording the same gain, and notes what it was asked."""

    def __init__(self, gain: float | None) -> None:
        self.value = gain
        self.asked: list[tuple[tuple[int, int], str]] = []

    def gain(self, spoken: Span, wording: str) -> float | None:
        self.asked.append(((spoken.start, spoken.end), wording))
        return self.value


@pytest.mark.parametrize(
    ("written", "spoken", "gain", "result"),
    [
        # a word, with the speaker reading on both sides
        ("the dam", "the damn", -3.9, "the dam"),
        ("the dam", "the damn", -4.1, "the damn"),
        # names: more doubt is allowed, most where they sound alike
        ("then Lindqvist", "then Lentus", -9.9, "then Lindqvist"),
        ("then Lindqvist", "then Lentus", -10.1, "then Lentus"),
        ("in Darmstadt", "and arms that", -19.0, "in Darmstadt"),
        ("then Gen. Salif", "then Gen. South", -9.9, "then Gen. Salif"),
        # numbers and negations: only if the article's are likelier
        ("some 50", "some 15", -0.1, "some 15"),
        ("some 50", "some 15", 0.1, "some 50"),
        ("it could not", "it could", -0.1, "it could"),
        # a recogniser that cannot tell changes nothing
        ("the dam", "the damn", None, "the damn"),
    ],
)
def test_how_much_is_needed(written: str, spoken: str, gain: float | None, result: str) -> None:
    ear = Ear(gain)
    found = match.align(article(FRAME.format(written)), heard(FRAME.format(spoken)), ear.gain)
    assert shown(found) == FRAME.format(result)


def test_what_agrees_is_not_asked() -> None:
    ear = Ear(100.0)
    match.align(article(FRAME.format("build-up")), heard(FRAME.format("buildup")), ear.gain)
    assert ear.asked == []


def test_the_wording_is_asked_without_quotes() -> None:
    ear = Ear(-100.0)
    match.align(article(FRAME.format("“the dam”")), heard(FRAME.format("the damn")), ear.gain)
    assert ear.asked == [((7, 8), "dam")]


@pytest.mark.parametrize(("gain", "result"), [(0.5, "of the dam"), (-0.5, "of dam")])
def test_dropped_words(gain: float, result: str) -> None:
    ear = Ear(gain)
    text = FRAME.format("of the dam")
    found = match.align(article(text), heard(FRAME.format("of dam")), ear.gain)
    assert shown(found) == FRAME.format(result)
    assert ear.asked == [((7, 7), "the")]
    starts = [w.start_ms for w in found.words]
    assert starts == sorted(starts)


def test_less_doubt_is_allowed_where_the_speaker_rewords() -> None:
    written = "Villagers were cautious and the dam held while workers built a wall of sand"
    spoken = "People felt unsure and the damn stood as somebody put up bags there"
    found = match.align(article(written), heard(spoken), Ear(-3.5).gain)
    assert "damn" in shown(found)
    assert "dam " not in shown(found)


def test_long_passages_are_not_asked() -> None:
    ear = Ear(100.0)
    written = FRAME.format("a wall of sand that many workers had built by hand")
    found = match.align(article(written), heard(FRAME.format("nothing")), ear.gain)
    assert all(len(wording.split()) <= 6 for _, wording in ear.asked)
    assert "s" in origins(found)


def test_what_stays_changed_is_reported() -> None:
    found = match.align(
        article(FRAME.format("the dam")), heard(FRAME.format("the damn")), Ear(-50.0).gain
    )
    kinds = [d for d in found.divergence if d.kind == "changed"]
    assert kinds == [Divergence("changed", Span(7, 8), 2800, 3150, "damn")]
