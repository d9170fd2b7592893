"""One rule for where a sentence ends, in all scripts."""

import pytest

from aligner import languages
from aligner.alignment.matching.divergence import split_sentences
from aligner.captions.segmentation.break_points import BreakKind, break_kind
from aligner.captions.segmentation.tokens import CueToken
from aligner.languages import SurfaceWord
from aligner.languages.sentences import ends_sentence, may_open_sentence
from aligner.types import Span

CASES = [
    ("en", "rained.", "It", True),
    ("en", "rained.”", "“It", True),
    ("en", "rained…", "it", False),
    ("en", "said:", "It", False),
    ("en", "Dr.", "Boateng", False),
    ("en", "Ms.", "Boateng", False),
    ("en", "J.", "Smith", False),
    ("en", "U.S.", "Congress", False),
    ("en", "U.S.", "The", True),
    ("en", "Jan.", "5", False),
    ("en", "Jan.", "The", True),
    ("en", "No.", "5", False),
    ("en", "no.", "They", True),
    ("en", "Inc.", "Officials", True),
    ("es", "no.", "Se", True),
    ("de", "15.", "September", False),
    ("de", "15.", "Der", True),
    ("de", "z.B.", "Berlin", False),
    ("en", "15.", "September", True),
    ("hi", "है।", "फिर", True),
    ("zh", "了。", "明天", True),
    ("ar", "المطر؟", "ثم", True),
    ("am", "ነው።", "ዛሬ", True),
]
"""Language, a word, the word that follows it, and whether a sentence ends between them."""


@pytest.mark.parametrize(("code", "word", "following", "ends"), CASES)
def test_a_sentence_ends_at_the_same_places_in_every_stage(
    code: str, word: str, following: str, ends: bool
) -> None:
    language = languages.get(code)
    assert ends_sentence(word, following, language) is ends
    spans = split_sentences([SurfaceWord(word), SurfaceWord(following)], Span(0, 2), language)
    assert (len(spans) == 2) is ends
    before, after = (
        CueToken(text, len(text), 0, 1, "verified", None, True) for text in (word, following)
    )
    assert (break_kind(before, after, code) is BreakKind.SENTENCE) is ends


@pytest.mark.parametrize(("code", "word", "following", "ends"), CASES)
def test_a_capital_may_open_a_sentence_or_follow_a_colon(
    code: str, word: str, following: str, ends: bool
) -> None:
    opens = may_open_sentence(following, word, languages.get(code))
    assert opens is (ends or word == "said:")
