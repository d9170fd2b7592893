"""Where nobody speaks -> labels for music and silence."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from aligner.captions.profiles import PROFILES
from aligner.captions.segmentation import CueOptions, NonSpeechLabel, find_sounds, make_cues
from aligner.types import Audio, CaptionWord, Span, SpeechSegments

RATE = 16_000
NETFLIX = PROFILES["netflix"]


def tones(seconds: float) -> NDArray[np.float64]:
    """A chord that changes twice a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    roots = 220 * 2 ** (np.floor(time * 2) % 5 / 12)
    chord = [np.sin(2 * np.pi * np.cumsum(roots * k) / RATE) for k in (1, 1.26, 1.5)]
    return np.asarray(np.sum(chord, axis=0)) / 10


def noise(seconds: float) -> NDArray[np.float64]:
    return np.random.default_rng(7).normal(0, 0.05, round(seconds * RATE))


def nothing(seconds: float) -> NDArray[np.float64]:
    return np.random.default_rng(7).normal(0, 0.0003, round(seconds * RATE))


def audio(samples: NDArray[np.float64]) -> Audio:
    return Audio((samples * 32767).astype(np.int16), RATE)


@pytest.mark.parametrize(
    ("samples", "language", "label"),
    [
        (tones(5), "en", "[music]"),
        (tones(5), "fr-CA", "[musique]"),
        (tones(5), "xx", "[music]"),
        (nothing(5), "es", "[silencio]"),
        (np.zeros(5 * RATE), "en", "[silence]"),
        (noise(5), "en", None),
        (tones(2.9), "en", None),
        (np.zeros(0), "en", None),
    ],
    ids=["chords", "French", "unknown language", "faint", "zeros", "noise", "short", "empty"],
)
def test_what_is_heard(samples: NDArray[np.float64], language: str, label: str | None) -> None:
    found = find_sounds(audio(samples), SpeechSegments(()), language)
    assert [s.label for s in found] == ([label] if label else [])


def test_only_where_nobody_speaks() -> None:
    sound = audio(np.concatenate([tones(4), noise(6), nothing(5)]))
    found = find_sounds(sound, SpeechSegments((Span(4000, 10_000),)), "en")
    assert found == (
        NonSpeechLabel(0, 4000, "[music]"),
        NonSpeechLabel(10_000, 15_000, "[silence]"),
    )


def test_a_label_stands_between_cues_and_touches_none() -> None:
    words = (
        CaptionWord("Good", 5000, 5300, "verified", 0.9),
        CaptionWord("evening.", 5300, 5900, "verified", 0.9),
        CaptionWord("Goodbye.", 11_000, 11_700, "verified", 0.9),
    )
    sounds = (
        NonSpeechLabel(0, 4900, "[music]"),
        NonSpeechLabel(5900, 9000, "[music]"),
        NonSpeechLabel(12_000, 30_000, "[a]"),
    )
    cues = make_cues(words, "en", NETFLIX, 30_000, CueOptions(sounds=sounds)).cues
    assert [c.lines for c in cues] == [
        ("[music]",), ("Good evening.",), ("[music]",), ("Goodbye.",), ("[a]",)
    ]  # fmt: skip
    assert all(b.start_ms - a.end_ms >= NETFLIX.min_gap_ms for a, b in pairwise(cues))
    assert cues[-1].end_ms - cues[-1].start_ms == NETFLIX.max_duration_ms


def test_a_label_without_room_is_not_shown() -> None:
    words = (CaptionWord("Hello.", 1000, 1500, "verified", 0.9),)
    cues = make_cues(
        words, "en", NETFLIX, 4500, CueOptions(sounds=(NonSpeechLabel(0, 4500, "[music]"),))
    )
    assert [c.lines for c in cues.cues] == [("Hello.",)]
