"""When word spotting confirms a passage in doubt."""

from __future__ import annotations

import pytest

from aligner.asr.draft.verification import DraftToken, ScoredWord, acoustically_confirmed
from aligner.types import SpottedWord

NAME = ScoredWord(DraftToken(" Keita", 7, name=True), -9.0, 0.1, 2_000, 2_600)
SURE = ScoredWord(DraftToken(" said", 8), -0.1, 0.9, 2_600, 2_900)
ODD = ScoredWord(DraftToken(" opened", 8), -4.0, 0.02, 2_600, 2_900)
NUMBER = ScoredWord(DraftToken(" 15", 8, protected=True), -0.9, 0.4, 2_600, 2_900)
GOOD = SpottedWord(2_040, -13.5)
NEXT = SpottedWord(2_610, -14.0)


@pytest.mark.parametrize(
    ("words", "spotted", "expected"),
    [
        pytest.param([NAME], [GOOD], True, id="a name"),
        pytest.param([NAME, SURE], [GOOD, NEXT], True, id="with a probable word"),
        pytest.param([NAME, ODD], [GOOD, NEXT], False, id="with an improbable word"),
        pytest.param([NAME, NUMBER], [GOOD, NEXT], False, id="with a number"),
        pytest.param([NAME], [None], False, id="no path"),
        pytest.param([NAME], [SpottedWord(2_400, -13.5)], False, id="elsewhere"),
        pytest.param([NAME], [SpottedWord(2_040, -16.0)], False, id="fits badly"),
        pytest.param([NAME, SURE], [SpottedWord(2_040, -18.5), NEXT], False, id="one of them does"),
        pytest.param(
            [NAME, SURE], [SpottedWord(2_040, -16.5), NEXT], True, id="one of them not well"
        ),
    ],
)
def test_word_spotting_confirms_names_only(
    words: list[ScoredWord], spotted: list[SpottedWord | None], expected: bool
) -> None:
    assert acoustically_confirmed(words, spotted) is expected
