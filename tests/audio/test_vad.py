"""Where somebody speaks, and the windows made of it."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from speech import Spoken

from aligner.audio import vad
from aligner.audio.vad import speech as found
from aligner.audio.vad.chunking import Chunker
from aligner.types import Audio, Span, SpeechSegments

RATE = 16_000


def sound(seconds: float, name: str) -> Audio:
    """Sounds in which nobody speaks."""
    n = int(seconds * RATE)
    t = np.arange(n) / RATE
    rng = np.random.default_rng(7)
    made = {
        "silence": np.zeros(n),
        "white noise": rng.normal(0, 3000, n),
        "tone": 8000 * np.sin(2 * np.pi * 440 * t),
        "chord": sum(3000 * np.sin(2 * np.pi * f * t) for f in (220, 277, 330)),
        "clicks": (rng.random(n) < 0.0005) * 20000.0,
    }[name]
    return Audio(np.asarray(made).astype(np.int16), RATE)


@pytest.mark.parametrize("name", ["silence", "white noise", "tone", "chord", "clicks"])
def test_no_speech_where_nobody_speaks(name: str) -> None:
    assert vad.find_speech(sound(20, name)) == SpeechSegments(())


@pytest.mark.parametrize("samples", [0, 1, 511, 512, 513])
def test_very_short_sound(samples: int) -> None:
    audio = Audio(np.zeros(samples, dtype=np.int16), RATE)
    assert vad.find_speech(audio) == SpeechSegments(())
    assert windows(SpeechSegments(()), audio.duration_ms) == ()


def test_speech_has_the_edges_of_the_sound(spoken: Spoken) -> None:
    segments = vad.find_speech(spoken.audio).segments
    for span in spoken.spans:
        inside = [s for s in segments if s.start < span.end and s.end > span.start]
        assert abs(inside[0].start - span.start) <= 100
        assert abs(inside[-1].end - span.end) <= 100
    between = [s for s in segments if spoken.spans[0].end + 100 < s.start < spoken.spans[1].start]
    assert len([s for s in between if s.end < spoken.spans[1].start]) == 0


@pytest.mark.parametrize("gain", [0.05, 0.25, 2.0])
def test_loudness_does_not_matter(spoken: Spoken, gain: float) -> None:
    samples = np.clip(spoken.audio.samples * gain, -32768, 32767).astype(np.int16)
    found = vad.find_speech(Audio(samples, RATE)).total_ms
    assert found == pytest.approx(vad.find_speech(spoken.audio).total_ms, rel=0.15)


def test_speech_over_a_telephone_is_found(spoken: Spoken) -> None:
    spectrum = np.fft.rfft(spoken.audio.samples.astype(float))
    pitch = np.fft.rfftfreq(len(spoken.audio.samples), 1 / RATE)
    spectrum[(pitch < 300) | (pitch > 3400)] = 0
    narrow = np.clip(np.fft.irfft(spectrum, len(spoken.audio.samples)), -32768, 32767)
    found = vad.find_speech(Audio(narrow.astype(np.int16), RATE)).total_ms
    assert found >= 0.8 * sum(len(span) for span in spoken.spans)


def test_blocks_hear_what_the_whole_hears(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Cut anywhere, also within a word; from a mapped file as from memory."""
    path = tmp_path / "sound.pcm"
    spoken.audio.samples.tofile(path)
    mapped = Audio(np.memmap(path, np.int16, "r"), RATE)
    whole = vad.find_speech(spoken.audio).segments
    for block in (70, 101, 130):
        monkeypatch.setattr(found, "BLOCK", block)
        parts = vad.find_speech(mapped).segments
        assert len(parts) == len(whole)
        for a, b in zip(parts, whole, strict=True):
            assert abs(a.start - b.start) <= 32
            assert abs(a.end - b.end) <= 32


def test_speech_without_a_pause_is_split_long_where_it_is_least_sure() -> None:
    chances = np.full(1000, 0.99, dtype=np.float32)
    chances[[300, 600, 900]] = 0.6
    parts = list(found._split_long(Span(0, 1000), chances))
    assert [p.end for p in parts] == [300, 600, 900, 1000]
    assert [p.start for p in parts] == [0, 300, 600, 900]


def test_sound_that_comes_in_gives_the_same_as_all_of_it(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "BLOCK", 70)
    all_of_it = vad.run(spoken.audio)
    assert all_of_it.speech == vad.find_speech(spoken.audio)
    samples = spoken.audio.samples
    for step in (1_000, 17_000):
        known = [Audio(samples[:size], RATE) for size in range(0, len(samples), step)]
        coming = [(sound, False) for sound in known] + [(spoken.audio, True)]
        arrived = list(vad.stream(coming))
        assert arrived[-1].windows == all_of_it.windows
        assert arrived[-1].speech == all_of_it.speech
        assert [one.whole for one in arrived] == [False] * len(known) + [True]
        for one in arrived:
            assert one.windows == all_of_it.windows[: len(one.windows)]
            segments = one.speech.segments
            assert segments == all_of_it.speech.segments[: len(segments)]
            assert not segments or segments[-1].end <= one.audio.duration_ms
        assert any(one.speech.segments for one in arrived[:-1])


# ---------------------------------------------------------------- windows


def windows(speech: SpeechSegments, duration_ms: int, max_ms: int = 28_000) -> tuple[Span, ...]:
    """Those of all speech at once."""
    return tuple(Chunker(max_ms).feed(speech.segments, duration_ms))


def spans(*edges: tuple[int, int]) -> SpeechSegments:
    return SpeechSegments(tuple(Span(a, b) for a, b in edges))


@pytest.mark.parametrize(
    ("speech", "duration_ms", "expected"),
    [
        (spans(), 10_000, []),
        (spans((1000, 5000)), 10_000, [(700, 5300)]),
        (spans((100, 5000)), 5_100, [(0, 5100)]),
        # together they fit
        (spans((1000, 5000), (5500, 9000)), 20_000, [(700, 9300)]),
        # too long together: cut at the longer of two pauses
        (
            spans((0, 10_000), (10_900, 18_000), (18_100, 30_000)),
            30_000,
            [(0, 10_300), (10_600, 30_000)],
        ),
        # a long silence is not kept within a window
        (spans((1000, 5000), (12_000, 15_000)), 20_000, [(700, 5300), (11_700, 15_300)]),
        # a short pause is shared between the windows beside it
        (spans((0, 20_000), (20_200, 40_000)), 40_000, [(0, 20_100), (20_100, 40_000)]),
    ],
)
def test_windows(speech: SpeechSegments, duration_ms: int, expected: list[tuple[int, int]]) -> None:
    assert [(w.start, w.end) for w in windows(speech, duration_ms)] == expected


def test_speech_longer_than_a_window_is_cut_and_nothing_is_lost() -> None:
    made = windows(spans((0, 100_000)), 100_000)
    assert made[0].start == 0
    assert made[-1].end == 100_000
    assert all(a.end == b.start for a, b in pairwise(made))
    assert max(len(w) for w in made) <= 28_000


@st.composite
def speeches(draw: st.DrawFn) -> SpeechSegments:
    lengths = draw(st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 70_000)), max_size=30))
    at, found = 0, []
    for pause, length in lengths:
        found.append(Span(at + pause, at + pause + length))
        at += pause + length
    return SpeechSegments(tuple(found))


@pytest.mark.slow
@given(speeches(), st.integers(0, 3_000), st.sampled_from([5_000, 28_000]))
def test_windows_hold_all_speech_once(speech: SpeechSegments, tail_ms: int, max_ms: int) -> None:
    duration_ms = (speech.segments[-1].end if speech.segments else 0) + tail_ms
    made = windows(speech, duration_ms, max_ms)
    assert all(0 < len(w) <= max_ms for w in made)
    assert all(a.end <= b.start for a, b in pairwise(made))
    assert all(w.start >= 0 and w.end <= duration_ms for w in made)
    held = sum(
        max(0, min(w.end, s.end) - max(w.start, s.start)) for w in made for s in speech.segments
    )
    assert held == speech.total_ms


@pytest.mark.slow
@given(speeches(), st.integers(0, 3_000), st.lists(st.integers(1, 4), min_size=30, max_size=30))
def test_windows_are_the_same_however_the_speech_comes_in(
    speech: SpeechSegments, tail_ms: int, steps: list[int]
) -> None:
    duration_ms = (speech.segments[-1].end if speech.segments else 0) + tail_ms
    expected = windows(speech, duration_ms)
    cutter, made, at = Chunker(), [], 0
    for step in steps:
        made += cutter.feed(speech.segments[at : at + step], None)
        at += step
        assert tuple(made) == expected[: len(made)]
    assert (*made, *cutter.feed(speech.segments[at:], duration_ms)) == expected


def test_windows_are_given_while_speech_goes_on() -> None:
    cutter = Chunker()
    sentences = [Span(k * 10_000, k * 10_000 + 9_000) for k in range(60)]
    made = [len(cutter.feed([sentence], None)) for sentence in sentences]
    assert sum(made[:30]) >= 8
