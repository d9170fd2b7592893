"""Cues get the times of their words: with words that were synthesised, and bad files."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from aligner.alignment import matching
from aligner.captions.profiles import PROFILES
from aligner.pipeline.audit.caption_text import as_article, spoken_text
from aligner.pipeline.audit.cue_times import CueTimes, cue_times
from aligner.pipeline.audit.hearing import HeardCaptions
from aligner.pipeline.audit.retime import shifted_times, spoken_times
from aligner.types import EngineInfo, Span, SpeechSegments, Transcript, Word

CUES = (
    "The minister said on Monday",
    "that two new bridges would be built",
    "across the river before winter.",
    "Villagers who live on the far side",
    "have waited nine years for a road",
    "and some of them no longer believe it.",
    "The first stone was laid in March",
    "by a crowd of several hundred people.",
)
SPACING_MS, WORD_MS = 4_000, 300


def onset(cue: int) -> int:
    return 1_000 + cue * SPACING_MS


def spoken_words(cues: Sequence[str] = CUES) -> list[Word]:
    """The words of cues as they are spoken, one cue every four seconds."""
    return [
        Word(text, onset(k) + at * WORD_MS, onset(k) + (at + 1) * WORD_MS - 20, 0.9)
        for k, cue in enumerate(cues)
        for at, text in enumerate(cue.split())
    ]


def heard(lines: Sequence[str], words: Sequence[Word]) -> HeardCaptions:
    article = as_article([[line] for line in lines], "en")
    alignment = matching.align(article, Transcript("en", tuple(words), EngineInfo("x", "y")))
    speech = SpeechSegments((Span(0, 60_000),))
    return HeardCaptions(article, alignment, speech, "en", 60_000, None)


def of(lines: Sequence[str], shown: Sequence[Span], words: Sequence[Word]) -> CueTimes:
    return cue_times(heard(lines, words), shown)


def full(lines: Sequence[str], shown: Sequence[Span], words: Sequence[Word]) -> list[Span]:
    spoken = of(lines, shown, words)
    assert spoken.clock
    times = shifted_times(spoken, spoken.clock)
    profile = PROFILES["netflix"].for_language("en")
    return spoken_times(spoken, times, [(line,) for line in lines], profile, 60_000)


def late(by: int, count: int = len(CUES)) -> list[Span]:
    """When a file shows the cues that is late by so many milliseconds."""
    return [Span(onset(k) + by, onset(k) + by + 2_500) for k in range(count)]


@pytest.mark.parametrize("by", [-900, 0, 5_000])
def test_cues_begin_with_their_words(by: int) -> None:
    found = full(CUES, late(by), spoken_words())
    assert [span.start for span in found] == [onset(k) for k in range(len(CUES))]


def test_shift_only_keeps_the_lengths() -> None:
    spoken = of(CUES, late(5_000), spoken_words())
    assert spoken.clock
    found = shifted_times(spoken, spoken.clock)
    assert found == [Span(onset(k), onset(k) + 2_500) for k in range(len(CUES))]


def test_a_cue_that_is_not_heard_stays_between_its_neighbours() -> None:
    lines = [*CUES[:3], "completely different words stand here", *CUES[4:]]
    words = [word for word in spoken_words() if not onset(3) <= word.start_ms < onset(4)]
    found = full(lines, late(5_000), words)
    assert found[3].start == onset(3)
    assert found[2].end <= found[3].start < found[3].end <= found[4].start


def test_a_cue_whose_first_word_is_said_otherwise_begins_with_that() -> None:
    words = [
        Word("Farmers", w.start_ms, w.end_ms, 0.9) if w.text == "Villagers" else w
        for w in spoken_words()
    ]
    assert full(CUES, late(2_000), words)[3].start == onset(3)


def test_cues_out_of_order_keep_their_words() -> None:
    order = [1, 0, 2, 4, 3, 5, 7, 6]
    shown = late(3_000)
    found = full([CUES[k] for k in order], [shown[k] for k in order], spoken_words())
    starts = [found[order.index(k)].start for k in range(len(CUES))]
    assert sorted(starts) == starts


def test_cues_of_no_length_and_overlapping_cues() -> None:
    shown = late(1_000)
    shown[2] = Span(shown[2].start, shown[2].start)
    shown[4] = Span(shown[4].start, shown[5].start + 500)
    found = full(CUES, shown, spoken_words())
    assert [span.start for span in found] == [onset(k) for k in range(len(CUES))]
    assert all(len(span) > 0 for span in found)
    assert found[4].end == found[5].start + 500


def test_a_phrase_that_is_said_twice_does_not_stray() -> None:
    cues = [*CUES, CUES[0]]
    shown = late(2_000, 9)
    found = full(cues, shown, spoken_words(cues))
    assert [span.start for span in found] == [onset(k) for k in range(9)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["[applause] Thank you."], "Thank you."),
        (["(door slams)", "Who is there?"], "Who is there?"),
        ([">> ANNA: Good evening."], "Good evening."),
        (["- Yes.", "- No."], "Yes. No."),
        (["♪ Happy birthday ♪"], "Happy birthday"),
        (["Speaker 2: So it is."], "So it is."),
        (["Maria Lopez: I agree."], "I agree."),
        (["He said: never."], "He said: never."),
        (["At 10:30 we left."], "At 10:30 we left."),
        (["[sad", "music]"], ""),
        (["It was (as everybody in the town had always known) a lie."],
         "It was (as everybody in the town had always known) a lie."),
    ],
)  # fmt: skip
def test_labels_are_not_spoken(lines: list[str], expected: str) -> None:
    assert spoken_text(lines) == expected
