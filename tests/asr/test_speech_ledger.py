"""Speech that no word accounts for."""

from __future__ import annotations

import pytest

from aligner.asr.speech_ledger import allowance_ms, joined, total_ms, unaccounted
from aligner.types import Span, Word


def word(text: str, start_ms: int, length_ms: int = 300) -> Word:
    return Word(text, start_ms, start_ms + length_ms, 0.9)


def spoken(start_ms: int, count: int, each_ms: int = 400) -> list[Word]:
    return [word("several", start_ms + at * each_ms) for at in range(count)]


SPEECH = [Span(0, 4_000), Span(4_400, 8_000), Span(8_500, 12_000)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        # every second has a word
        ([*spoken(0, 10), *spoken(4_400, 9), *spoken(8_500, 8)], []),
        # nothing was heard at all
        ([], [Span(0, 12_000)]),
        # the middle voice was skipped; the word before the gap may take 825 ms of it
        ([*spoken(0, 10), *spoken(8_500, 8)], [Span(4_825, 8_000)]),
        # ... also where attention spreads the word before it over the gap
        ([*spoken(0, 9), word("several", 3_600, 4_400), *spoken(8_500, 8)], [Span(4_825, 8_000)]),
        # ... and where it puts a word of the other voice into it
        ([*spoken(0, 10), word("I", 5_000, 3_000), *spoken(8_500, 8)], [Span(5_375, 8_000)]),
        # the first or the last voice
        ([*spoken(4_400, 9), *spoken(8_500, 8)], [Span(0, 4_000)]),
        ([*spoken(0, 10), *spoken(4_400, 9)], [Span(8_925, 12_000)]),
        # a pause is no speech, however long
        ([*spoken(0, 10), *spoken(4_400, 9), word("x", 8_500), *spoken(9_000, 7)], []),
    ],
)
def test_speech_without_words_is_found(words: list[Word], found: list[Span]) -> None:
    assert unaccounted(SPEECH, words) == found


@pytest.mark.parametrize(
    "text",
    ["1975,", "$4.50", "250,000", "5.4%", "Rechtsschutzversicherung", "中华人民共和国", "20,15"],
)
def test_numbers_and_long_words_account_for_long_speech(text: str) -> None:
    """A year takes 1.4 s, an amount 1.5 s (measured on a synthetic voice)."""
    assert not unaccounted([Span(0, 1_400)], [word(text, 0)])


def test_a_short_word_accounts_for_little_speech() -> None:
    assert unaccounted([Span(0, 1_400)], [word("I", 0, 1_400)]) == [Span(375, 1_400)]
    assert allowance_ms("I") == 375
    assert allowance_ms("I, ...") == 375


def test_a_lower_limit_finds_more() -> None:
    assert unaccounted([Span(0, 700)], [word("I", 0)]) == []
    assert unaccounted([Span(0, 700)], [word("I", 0)], 300) == [Span(375, 700)]


def test_words_that_start_together_count_once() -> None:
    assert unaccounted([Span(0, 900)], [word("a", 0), word("several", 0)]) == []


def test_milliseconds_are_those_of_speech_alone() -> None:
    assert total_ms([Span(0, 1_000), Span(5_000, 6_000)], []) == 2_000


def test_close_gaps_are_reported_as_one() -> None:
    assert joined([Span(0, 1_000), Span(1_900, 3_000), Span(4_000, 5_000)]) == (
        Span(0, 3_000),
        Span(4_000, 5_000),
    )
    assert joined([]) == ()
