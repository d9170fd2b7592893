"""Exact word times: on real sound, and what holds for any words whatever."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from time import sleep

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from speech import RATE, SENTENCES, Spoken, say, silence

from aligner.alignment import acoustic
from aligner.alignment.acoustic.forced_alignment import WordAlignment
from aligner.alignment.acoustic.segment_aligner import Segment
from aligner.alignment.acoustic.segmentation import LONGEST_MS, AlignmentWindow
from aligner.audio import vad
from aligner.types import Audio, CaptionWord, Span, SpeechSegments

Words = tuple[CaptionWord, ...]


def spread(sentence: str, span: Span, late_ms: int = 0) -> Words:
    """A sentence's words with times by their length: as rough as a recogniser's."""
    texts = sentence.split()
    digits = [sum(char.isdigit() for char in text) for text in texts]
    edges = np.cumsum([0, *(len(t) + 1 + 3 * d for t, d in zip(texts, digits, strict=True))])
    at = [span.start + late_ms + int(edge * len(span) / edges[-1]) for edge in edges]
    return tuple(
        CaptionWord(text, a, b, "verified", 0.9)
        for text, a, b in zip(texts, at, at[1:], strict=False)
    )


def rough(spoken: Spoken, late_ms: int = 0) -> Words:
    parts = zip(spoken.sentences, spoken.spans, strict=True)
    return tuple(word for text, span in parts for word in spread(text, span, late_ms))


def segments(spoken: Spoken) -> SpeechSegments:
    return SpeechSegments(spoken.spans)


def assert_sound(words: Words, before: Words) -> None:
    """What must hold whatever is refined."""
    assert [(w.text, w.article_word) for w in words] == [(w.text, w.article_word) for w in before]
    for word, old in zip(words, before, strict=True):
        assert word.start_ms < word.end_ms
        assert word.origin in (old.origin, "interpolated")
    for word, following in pairwise(words):
        assert word.end_ms <= following.start_ms


# ---------------------------------------------------------------- real sound


def test_words_beside_silence_start_and_end_with_the_sound(spoken: Spoken) -> None:
    before = rough(spoken, late_ms=60)
    words = acoustic.refine(spoken.audio, before, segments(spoken), "en")
    assert_sound(words, before)
    first = len(SENTENCES[0].split())
    starts = [words[0].start_ms, words[first].start_ms]
    ends = [words[first - 1].end_ms, words[-1].end_ms]
    assert starts == pytest.approx([span.start for span in spoken.spans], abs=40)
    assert ends == pytest.approx([span.end for span in spoken.spans], abs=80)


def test_words_within_a_sentence_are_near_their_true_times(spoken: Spoken, voice: object) -> None:
    """Each word where it is when the sentence is cut there: as said up to the word before it."""
    late = acoustic.refine(spoken.audio, rough(spoken, 90), segments(spoken), "en")
    early = acoustic.refine(spoken.audio, rough(spoken, -90), segments(spoken), "en")
    apart = [abs(a.start_ms - b.start_ms) for a, b in zip(late, early, strict=True)]
    assert max(apart) <= 40  # the sound decides, not where the recogniser heard the word
    assert late != rough(spoken, 90)


def test_refining_is_deterministic(spoken: Spoken) -> None:
    first = acoustic.refine(spoken.audio, rough(spoken), segments(spoken), "en")
    other = Audio(spoken.audio.samples[: 9 * RATE], RATE)
    acoustic.refine(other, rough(spoken)[:5], segments(spoken), "en")
    assert acoustic.refine(spoken.audio, rough(spoken), segments(spoken), "en") == first


def test_the_number_of_threads_changes_nothing(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acoustic, "BATCH_SEGMENTS", 1)
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        found.append(acoustic.refine(spoken.audio, rough(spoken, 60), segments(spoken), "en"))
    assert found[0] == found[1] != rough(spoken, 60)


def test_closing_the_iterator_starts_no_further_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    def placed(passages: list[int]) -> list[dict[int, Span]]:
        begun.extend(passages)
        sleep(0.01)
        return [{} for _ in passages]

    monkeypatch.setattr(acoustic, "align_segments", placed)
    going = acoustic._aligned_in_batches(list(range(1000)))  # type: ignore[arg-type]
    next(going)
    going.close()  # type: ignore[attr-defined]
    assert len(begun) < 1000
    after = len(begun)
    sleep(0.05)
    assert len(begun) == after


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("The minister Abdelkader Ouyahia told reporters that it is open.", 2),
        ("They met Sergei Lavrov's deputy in the U.N. on Monday morning.", 3),
        ("About 250,000 people left the town in September 2015 or later.", 1),
    ],
)
def test_unlisted_names_and_numbers_are_timed(voice: object, text: str, at: int) -> None:
    sound = say(voice, text)
    samples = np.concatenate([silence(1000), sound, silence(1000)])
    length = len(sound) * 1000 // RATE
    before = spread(text, Span(1000, 1000 + length), late_ms=50)
    speech = SpeechSegments((Span(1000, 1000 + length),))
    words = acoustic.refine(Audio(samples, RATE), before, speech, "en-US")
    assert_sound(words, before)
    assert words[0].start_ms == pytest.approx(1000, abs=40)
    assert words[at].start_ms != before[at].start_ms
    assert words[-1].end_ms == pytest.approx(1000 + length, abs=80)


WRONG = "Perhaps nobody else could imagine buying such expensive Italian furniture yesterday."


def test_a_text_that_is_not_spoken_keeps_its_times(spoken: Spoken) -> None:
    wrong = spread(WRONG, spoken.spans[0])
    before = wrong + rough(spoken)[len(SENTENCES[0].split()) :]
    words = acoustic.refine(spoken.audio, before, segments(spoken), "en")
    kept = [(word.start_ms, word.end_ms) for word in words[: len(wrong)]]
    assert kept == [(word.start_ms, word.end_ms) for word in wrong]
    assert words[len(wrong) :] != before[len(wrong) :]  # the other window is timed all the same


def test_an_unmeasured_word_of_no_length_is_interpolated(spoken: Spoken) -> None:
    start = spoken.spans[0].start
    squeezed = tuple(
        replace(word, start_ms=start + 20 * at, end_ms=start + 20 * (at + 1))
        for at, word in enumerate(spread(WRONG, spoken.spans[0]))
    )
    words = acoustic.refine(spoken.audio, squeezed, segments(spoken), "en")
    assert {word.origin for word in words} == {"interpolated"}


def test_words_over_silence_keep_their_times(spoken: Spoken) -> None:
    quiet = Span(spoken.spans[0].end + 500, spoken.spans[1].start - 500)
    before = spread("Nobody says any of this.", quiet)
    assert acoustic.refine(spoken.audio, before, segments(spoken), "en") == before


def test_no_word_spans_a_pause(spoken: Spoken) -> None:
    first, second = spoken.spans
    before = (CaptionWord("Zzz", first.start, second.start + 200, "spoken", 0.5),)
    (word,) = acoustic.refine(spoken.audio, before, segments(spoken), "en")
    assert (word.start_ms, word.end_ms) == (first.start, first.end)


def test_evenly_spread_words_of_a_whole_recording_are_timed(spoken: Spoken) -> None:
    before = rough(spoken, 50)
    words = acoustic.refine(spoken.audio, before, vad.find_speech(spoken.audio), "en")
    assert_sound(words, before)
    assert words[0].start_ms == pytest.approx(spoken.spans[0].start, abs=40)


def chord(length: int) -> NDArray[np.float64]:
    """Two held tones."""
    at = np.arange(length) / RATE
    return np.sin(2 * np.pi * 130 * at) + np.sin(2 * np.pi * 195 * at)


@pytest.mark.parametrize(
    ("before", "lead", "start"),
    [
        pytest.param(0, 0, 300, id="silence is no part of the word"),
        pytest.param(500, 500, 300, id="nor are music and noise that were there before"),
        pytest.param(100, 500, 100, id="a soft beginning is"),
        pytest.param(0, 500, 100, id="also after silence"),
    ],
)
def test_a_word_begins_after_the_pause(before: int, lead: int, start: int) -> None:
    """A word found from 1,100 ms on in a window from 1 s on; speech is detected from 1,300 on."""
    levels = np.repeat([before, lead, 5000], [1100 * 16, 200 * 16, 400 * 16])
    samples = (levels * chord(len(levels)) / 2).astype(np.int16)
    window = AlignmentWindow(Span(0, 0), Span(1000, 1700))
    passage = Segment(Audio(samples, RATE), window, (), (), (Span(1300, 1700),), (0,))
    word = passage._without_silence(WordAlignment(100, 600, "M", -13.0, squeezed=False), 1000)
    assert word.start == start


@pytest.mark.slow
def test_a_word_of_low_score_is_placed_on_the_right_side_of_a_pause(voice: object) -> None:
    """Put before a pause by the recogniser, said after it: the windows are cut elsewhere."""
    texts = ["The ministers of both countries met again on Monday, and all of them were there.",
             "Few people believe that they can go home.",
             "The talks go on in the capital until the end of the week, as everybody hoped, and "
             "nobody knows whether the roads will be open again before the winter."]  # fmt: skip
    sounds = [say(voice, text) for text in texts]
    samples = [silence(1000)]
    spans: list[Span] = []
    words: list[CaptionWord] = []
    for sound, text, pause in zip(sounds, texts, (1800, 400, 1000), strict=True):
        start = sum(map(len, samples)) * 1000 // RATE
        spans.append(Span(start, start + len(sound) * 1000 // RATE))
        words += spread(text, spans[-1])
        samples += [sound, silence(pause)]
    at = len(texts[0].split())
    end = spans[0].end
    words[at - 1] = replace(words[at - 1], end_ms=end - 100)
    words[at] = replace(words[at], start_ms=end - 100, end_ms=end, score=0.2)
    found = acoustic.refine(
        Audio(np.concatenate(samples), RATE), tuple(words), SpeechSegments(tuple(spans)), "en"
    )
    assert spans[-1].end - spans[0].start > LONGEST_MS  # or nothing would be cut
    assert found[at].start_ms == pytest.approx(spans[1].start, abs=60)


@pytest.mark.slow
def test_fine_times_differ_little_from_the_usual_ones(spoken: Spoken) -> None:
    """On this sound both are right to within a frame or two; the mean of four is not the first."""
    before = rough(spoken)
    usual = acoustic.refine(spoken.audio, before, segments(spoken), "en")
    fine = acoustic.refine(
        spoken.audio, before, segments(spoken), "en", acoustic.TimingOptions("fine")
    )
    assert_sound(fine, before)
    apart = [abs(a.start_ms - b.start_ms) for a, b in zip(usual, fine, strict=True)]
    assert 0 < max(apart) <= 60


# ---------------------------------------------------------------- what is left alone


def test_fast_times_are_the_recognisers(spoken: Spoken) -> None:
    before = rough(spoken)
    care = acoustic.TimingOptions("fast")
    assert acoustic.refine(spoken.audio, before, segments(spoken), "en", care) is before


def test_no_words_give_no_words(spoken: Spoken) -> None:
    assert acoustic.refine(spoken.audio, (), segments(spoken), "en") == ()
    assert acoustic.refine(Audio(silence(0), RATE), (), SpeechSegments(()), "en") == ()


@pytest.mark.parametrize("language", ["de", "it", "sw", "enm"])
def test_words_read_by_another_languages_rules_are_timed_all_the_same(
    spoken: Spoken, language: str
) -> None:
    """English words misread by the spelling of another language, as its own words would be read."""
    usual = acoustic.refine(spoken.audio, rough(spoken), segments(spoken), "en")
    misread = acoustic.refine(spoken.audio, rough(spoken), segments(spoken), language)
    assert_sound(misread, rough(spoken))
    before = [abs(a.start_ms - b.start_ms) for a, b in zip(usual, rough(spoken), strict=True)]
    apart = [abs(a.start_ms - b.start_ms) for a, b in zip(usual, misread, strict=True)]
    assert np.mean(apart) < np.mean(before) / 2


def test_sound_at_another_sample_rate_is_left_alone(spoken: Spoken) -> None:
    before, audio = rough(spoken), Audio(spoken.audio.samples, 8_000)
    assert acoustic.refine(audio, before, segments(spoken), "fr") is before


def test_progress_never_decreases(spoken: Spoken) -> None:
    """A pause of over 3 s always parts two windows."""
    samples = spoken.audio.samples
    cut = spoken.spans[1].start * RATE // 1000 - RATE
    audio = Audio(np.concatenate([samples[:cut], silence(500), samples[cut:]]), RATE)
    first, second = spoken.spans[0], Span(spoken.spans[1].start + 500, spoken.spans[1].end + 500)
    words = spread(SENTENCES[0], first) + spread(SENTENCES[1], second)
    told: list[tuple[int, int]] = []
    care = acoustic.TimingOptions(progress=lambda *done: told.append(done))
    acoustic.refine(audio, words, SpeechSegments((first, second)), "en", care)
    assert len(told) == 2
    assert first.end <= told[0][0] < second.start < second.end <= told[1][0]
    assert {total for _, total in told} == {audio.duration_ms}


# ---------------------------------------------------------------- whatever comes


@st.composite
def any_words(draw: st.DrawFn) -> Words:
    """Words in order as a recogniser gives them: starts rise, ends lie after starts."""
    texts = st.sampled_from(["the", "U.N.", "1,200", "–", "Россия", "well-known", "7%", "x" * 40])
    at, words = 0, []
    for text in draw(st.lists(texts, max_size=12)):
        at += draw(st.integers(0, 400))
        length = draw(st.integers(1, 900))
        words.append(CaptionWord(text, at, at + length, "verified", 0.5))
        at += length
    return tuple(words)


@st.composite
def any_speech(draw: st.DrawFn) -> SpeechSegments:
    edges = sorted(draw(st.sets(st.integers(0, 8_000), max_size=8)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return SpeechSegments(tuple(Span(a, b) for a, b in pairs))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(any_words(), any_speech(), st.integers(0, 3))
def test_refined_words_of_any_input_are_in_order(
    words: Words, speech: SpeechSegments, seed: int
) -> None:
    noise = np.random.default_rng(seed).normal(0, 800 * seed, 5 * RATE).astype(np.int16)
    assert_sound(acoustic.refine(Audio(noise, RATE), words, speech, "en"), words)
