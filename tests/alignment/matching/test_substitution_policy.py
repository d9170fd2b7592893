"""Which words rescoring may and may not replace."""

import pytest
from test_match import article, heard, origins, shown

from aligner.alignment import matching
from aligner.types import Divergence, Span

FRAME = "They said in the capital that {} was ready for the long winter ahead."


class FixedRescorer:
    """Returns the same log-likelihood ratio for every wording, and records the questions."""

    def __init__(self, llr: float | None) -> None:
        self.value = llr
        self.asked: list[tuple[tuple[int, int], str]] = []

    def __call__(self, spoken: Span, wording: str) -> float | None:
        self.asked.append(((spoken.start, spoken.end), wording))
        return self.value


@pytest.mark.parametrize(
    ("written", "spoken", "llr", "result"),
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
        # words that exclude each other: only if the article's are likelier
        ("on Monday he", "on Sunday he", -0.1, "on Sunday he"),
        ("on Monday he", "on Sunday he", 0.1, "on Monday he"),
        ("the South", "the North", -0.1, "the North"),
        ("in June", "in July", -0.1, "in July"),
        ("that she", "that he", -0.1, "that he"),
        ("that she", "that he", 0.1, "that she"),
        # a recogniser that cannot tell changes nothing
        ("the dam", "the damn", None, "the damn"),
    ],
)
def test_the_least_llr_depends_on_the_kind_of_word(
    written: str, spoken: str, llr: float | None, result: str
) -> None:
    rescorer = FixedRescorer(llr)
    found = matching.align(article(FRAME.format(written)), heard(FRAME.format(spoken)), rescorer)
    assert shown(found) == FRAME.format(result)


@pytest.mark.parametrize(
    ("written", "spoken", "llr", "acoustic_llr", "result"),
    [
        # names that the recogniser finds improbable, but the acoustic model does not
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
        ("on Tuesday it", "on Thursday it", -3.9, -1.0, "on Thursday it"),
        ("on Tuesday it", "on Thursday it", -3.9, 1.0, "on Tuesday it"),
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
def test_acoustic_rescoring_decides_where_the_llr_does_not_suffice(
    written: str, spoken: str, llr: float, acoustic_llr: float | None, result: str
) -> None:
    found = matching.align(
        article(FRAME.format(written)),
        heard(FRAME.format(spoken)),
        FixedRescorer(llr),
        FixedRescorer(acoustic_llr),
    )
    assert shown(found) == FRAME.format(result)


def test_the_acoustic_model_is_asked_only_where_the_recogniser_leaves_doubt() -> None:
    for llr, asked in ((-50.0, 0), (-20.0, 1), (-5.0, 0)):
        acoustic = FixedRescorer(0.0)
        text = FRAME.format("then Lindqvist")
        matching.align(
            article(text),
            heard(FRAME.format("then Lentus")),
            FixedRescorer(llr),
            acoustic,
        )
        assert len(acoustic.asked) == asked


def test_a_likely_name_is_not_shown_where_the_speaker_rewords() -> None:
    written = "Villagers were cautious and Lindqvist waited while workers built a wall of sand"
    spoken = "People felt unsure and Lentus waited as somebody put up bags there"
    found = matching.align(
        article(written),
        heard(spoken),
        FixedRescorer(-30.0),
        FixedRescorer(50.0),
    )
    assert "Lentus" in shown(found)


def test_words_that_agree_are_not_rescored() -> None:
    rescorer = FixedRescorer(100.0)
    matching.align(article(FRAME.format("build-up")), heard(FRAME.format("buildup")), rescorer)
    assert rescorer.asked == []


def test_a_wording_is_rescored_without_quotes() -> None:
    rescorer = FixedRescorer(-100.0)
    matching.align(
        article(FRAME.format("“the dam”")),
        heard(FRAME.format("the damn")),
        rescorer,
    )
    assert rescorer.asked == [((7, 8), "dam")]


@pytest.mark.parametrize(("llr", "result"), [(0.5, "of the dam"), (-0.5, "of dam")])
def test_words_that_the_recogniser_dropped_are_restored(llr: float, result: str) -> None:
    rescorer = FixedRescorer(llr)
    text = FRAME.format("of the dam")
    found = matching.align(article(text), heard(FRAME.format("of dam")), rescorer)
    assert shown(found) == FRAME.format(result)
    assert rescorer.asked == [((7, 7), "the")]
    starts = [w.start_ms for w in found.words]
    assert starts == sorted(starts)


def test_less_doubt_is_allowed_where_the_speaker_rewords() -> None:
    written = "Villagers were cautious and the dam held while workers built a wall of sand"
    spoken = "People felt unsure and the damn stood as somebody put up bags there"
    found = matching.align(article(written), heard(spoken), FixedRescorer(-3.5))
    assert "damn" in shown(found)
    assert "dam " not in shown(found)


def test_long_passages_are_not_rescored() -> None:
    rescorer = FixedRescorer(100.0)
    written = FRAME.format("a wall of sand that many workers had built by hand")
    found = matching.align(article(written), heard(FRAME.format("nothing")), rescorer)
    assert all(len(wording.split()) <= 6 for _, wording in rescorer.asked)
    assert "s" in origins(found)


def test_an_unreplaced_word_is_reported_as_changed() -> None:
    found = matching.align(
        article(FRAME.format("the dam")),
        heard(FRAME.format("the damn")),
        FixedRescorer(-50.0),
    )
    kinds = [d for d in found.divergence if d.kind == "changed"]
    assert kinds == [Divergence("changed", Span(7, 8), 2800, 3150, "damn")]
