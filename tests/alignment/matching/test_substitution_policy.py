"""What a second hearing may and may not change."""

import pytest
from test_match import article, heard, origins, shown

from aligner.alignment import matching
from aligner.types import Divergence, Span

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
    found = matching.align(article(FRAME.format(written)), heard(FRAME.format(spoken)), ear.gain)
    assert shown(found) == FRAME.format(result)


@pytest.mark.parametrize(
    ("written", "spoken", "gain", "fit", "result"),
    [
        # names that the recogniser finds improbable, but that fit the sound
        ("then Lindqvist", "then Lentus", -39.0, -19.0, "then Lindqvist"),
        ("then Lindqvist", "then Lentus", -39.0, -21.0, "then Lentus"),
        ("then Lindqvist", "then Lentus", -41.0, 50.0, "then Lentus"),
        ("then Lindqvist", "then Lentus", -39.0, None, "then Lentus"),
        # ... also where many words were heard in their place
        ("then Fatoumata Keita", "that I am I cut a cake", -30.0, 1.0, "then Fatoumata Keita"),
        ("then Fatoumata Keita", "that I am I cut a cake", 5.0, -90.0, "that I am I cut a cake"),
        # numbers and negations
        ("some two-ton load", "some 210 load", -3.9, 1.0, "some two-ton load"),
        ("some 50", "some 15", -3.9, -1.0, "some 15"),
        ("some 50", "some 15", -4.1, 1.0, "some 15"),
        ("it could not", "it could", -3.9, -1.0, "it could"),
        # other words: two or more
        ("a bus fell", "the bustle", -5.9, 16.0, "a bus fell"),
        ("a bus fell", "the bustle", -5.9, 14.0, "the bustle"),
        ("a bus fell", "the bustle", -6.1, 90.0, "the bustle"),
        ("the dam", "the damn", -5.0, 90.0, "the damn"),
        # words that were dropped
        ("of the dam", "of dam", -19.0, 11.0, "of the dam"),
        ("of the dam", "of dam", -0.5, 9.0, "of dam"),
        ("of the dam", "of dam", -21.0, 90.0, "of dam"),
    ],
)
def test_what_fits_the_sound(
    written: str, spoken: str, gain: float, fit: float | None, result: str
) -> None:
    found = matching.align(
        article(FRAME.format(written)), heard(FRAME.format(spoken)), Ear(gain).gain, Ear(fit).gain
    )
    assert shown(found) == FRAME.format(result)


def test_the_acoustic_model_is_asked_only_where_the_recogniser_leaves_doubt() -> None:
    for gain, asked in ((-50.0, 0), (-20.0, 1), (-5.0, 0)):
        fit = Ear(0.0)
        text = FRAME.format("then Lindqvist")
        matching.align(article(text), heard(FRAME.format("then Lentus")), Ear(gain).gain, fit.gain)
        assert len(fit.asked) == asked


def test_a_name_that_fits_is_not_enough_where_the_speaker_rewords() -> None:
    written = "Villagers were cautious and Lindqvist waited while workers built a wall of sand"
    spoken = "People felt unsure and Lentus waited as somebody put up bags there"
    found = matching.align(article(written), heard(spoken), Ear(-30.0).gain, Ear(50.0).gain)
    assert "Lentus" in shown(found)


def test_what_agrees_is_not_asked() -> None:
    ear = Ear(100.0)
    matching.align(article(FRAME.format("build-up")), heard(FRAME.format("buildup")), ear.gain)
    assert ear.asked == []


def test_the_wording_is_asked_without_quotes() -> None:
    ear = Ear(-100.0)
    matching.align(article(FRAME.format("“the dam”")), heard(FRAME.format("the damn")), ear.gain)
    assert ear.asked == [((7, 8), "dam")]


@pytest.mark.parametrize(("gain", "result"), [(0.5, "of the dam"), (-0.5, "of dam")])
def test_dropped_words(gain: float, result: str) -> None:
    ear = Ear(gain)
    text = FRAME.format("of the dam")
    found = matching.align(article(text), heard(FRAME.format("of dam")), ear.gain)
    assert shown(found) == FRAME.format(result)
    assert ear.asked == [((7, 7), "the")]
    starts = [w.start_ms for w in found.words]
    assert starts == sorted(starts)


def test_less_doubt_is_allowed_where_the_speaker_rewords() -> None:
    written = "Villagers were cautious and the dam held while workers built a wall of sand"
    spoken = "People felt unsure and the damn stood as somebody put up bags there"
    found = matching.align(article(written), heard(spoken), Ear(-3.5).gain)
    assert "damn" in shown(found)
    assert "dam " not in shown(found)


def test_long_passages_are_not_asked() -> None:
    ear = Ear(100.0)
    written = FRAME.format("a wall of sand that many workers had built by hand")
    found = matching.align(article(written), heard(FRAME.format("nothing")), ear.gain)
    assert all(len(wording.split()) <= 6 for _, wording in ear.asked)
    assert "s" in origins(found)


def test_what_stays_changed_is_reported() -> None:
    found = matching.align(
        article(FRAME.format("the dam")), heard(FRAME.format("the damn")), Ear(-50.0).gain
    )
    kinds = [d for d in found.divergence if d.kind == "changed"]
    assert kinds == [Divergence("changed", Span(7, 8), 2800, 3150, "damn")]
