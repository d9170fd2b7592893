"""What was heard in a window -> words on the recording's clock."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligner.asr.whisper.word_timestamps import (
    ATTENTION_LAG_MS,
    WordTiming,
    collapse_repetitions,
    joined,
    real_speech,
    to_recording_time,
)
from aligner.types import Span


def timed(*words: tuple[str, float, float]) -> list[WordTiming]:
    return [WordTiming(text, start, end, 0.9) for text, start, end in words]


def texts(*words: str) -> list[WordTiming]:
    return [WordTiming(word, i * 0.3, (i + 1) * 0.3, 0.9) for i, word in enumerate(words)]


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        ([" 6", ".3"], [" 6.3"]),
        ([" 12", ",000"], [" 12,000"]),
        ([" U", ".S."], [" U.S."]),
        ([" 10", "%"], [" 10%"]),
        ([" don", "'t"], [" don't"]),
        ([" al", "-Assad"], [" al", "-Assad"]),
        ([" Stop!", ".3"], [" Stop!", ".3"]),
        (["人", "民"], ["人", "民"]),
        ([".3"], [".3"]),
        ([], []),
    ],
)
def test_tokens_are_joined_to_words(pieces: list[str], whole: list[str]) -> None:
    found = joined(texts(*pieces))
    assert [word.text for word in found] == whole
    if len(pieces) > len(whole) == 1:
        assert (found[0].start, found[0].end) == (0.0, 0.6)


def test_seconds_become_milliseconds_of_the_recording() -> None:
    (word,) = to_recording_time(timed((" Next,", 0.5, 0.9204)), Span(1000, 5000), ())
    assert (word.start_ms, word.end_ms) == (1500 + ATTENTION_LAG_MS, 1920 + ATTENTION_LAG_MS)
    assert (word.text, word.space_before, word.score) == ("Next,", True, 0.9)


def test_a_hyphenated_part_has_no_space_before_it() -> None:
    words = to_recording_time(timed((" al", 0, 0.2), ("-Assad", 0.2, 0.6)), Span(0, 5000), ())
    assert [(w.text, w.space_before) for w in words] == [("al", True), ("-Assad", False)]


@pytest.mark.parametrize("mark", [" -", " ...", "♪", " «", "。"])
def test_punctuation_alone_is_no_word(mark: str) -> None:
    assert to_recording_time(timed((mark, 0, 0.5)), Span(0, 1000), ()) == ()


@pytest.mark.parametrize(
    ("heard", "speech", "expected"),
    [
        # a word that swallows the pause before it starts where speech does
        ([("a", 0.0, 1.0), ("b", 1.0, 5.0)], [(0, 1000), (4500, 5045)], [(0, 1000), (4500, 5045)]),
        # a word that swallows the pause after it ends where speech does
        ([("a", 0.0, 4.4), ("b", 4.4, 5.0)], [(0, 1000), (4500, 5000)], [(0, 1000), (4500, 5000)]),
        # a short gap may lie within a word
        ([("a", 0.0, 1.0)], [(0, 400), (550, 1000)], [(0, 1000)]),
        # too far from the edge to be drawn to it
        ([("a", 1.0, 1.5)], [(0, 3000)], [(1045, 1545)]),
        # no speech where the word is: it stays
        ([("a", 8.0, 8.5)], [(0, 3000)], [(8045, 8545)]),
    ],
)
def test_words_are_moved_into_speech(
    heard: list[tuple[str, float, float]],
    speech: list[tuple[int, int]],
    expected: list[tuple[int, int]],
) -> None:
    words = to_recording_time(timed(*heard), Span(0, 10_000), [Span(*s) for s in speech])
    assert [(w.start_ms, w.end_ms) for w in words] == expected


def test_real_speech_is_joined_and_kept_within_the_window() -> None:
    speech = [Span(0, 900), Span(1000, 1400), Span(1600, 2500), Span(9000, 9500)]
    assert real_speech(speech, Span(500, 2000)) == [Span(500, 1400), Span(1600, 2000)]


times = st.floats(0, 30, allow_nan=False)


@pytest.mark.slow
@given(
    st.lists(st.tuples(times, times), max_size=60),
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 5_000)), max_size=12),
    st.integers(1, 28_000),
)
def test_words_are_always_in_order(
    edges: list[tuple[float, float]], pieces: list[tuple[int, int]], length: int
) -> None:
    """Whatever times a recogniser gives, also none, or backwards, or beyond the window."""
    speech, at = [], 0
    for pause, size in pieces:
        speech.append(Span(at + pause, at + pause + size))
        at += pause + size
    window = Span(3_000, 3_000 + max(length, len(edges)))
    words = to_recording_time(
        timed(*((f" w{i}", a, b) for i, (a, b) in enumerate(edges))), window, speech
    )
    assert len(words) == len(edges)
    assert all(window.start <= w.start_ms < w.end_ms <= window.end for w in words)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(words))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("a b c", "a b c"),
        ("no no no", "no no no"),
        ("thank you thank you thank you thank you thank you .", "thank you ."),
        ("x " + "la " * 9 + "y", "x la y"),
        ("One. one. ONE. one. two", "One. two"),
        ("", ""),
    ],
)
def test_repetition_loops_are_collapsed(said: str, kept: str) -> None:
    assert [w.text for w in collapse_repetitions(texts(*said.split()))] == kept.split()
