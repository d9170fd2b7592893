"""Several voices in one recording: each cell of the matrix says what must be heard of it.

One synthetic voice speaks as several: at another pitch, over a telephone, quietly, in another
language. What matters is that no turn is left out, none comes twice, and their order stays.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from speech import RATE, say, silence

from aligner import asr
from aligner.asr import models
from aligner.asr.recovery import Recovery
from aligner.asr.whisper.engine import WhisperEngine
from aligner.audio import vad
from aligner.pipeline import align_step
from aligner.types import Audio, AudioSoFar, CaptionWord, Span, Word

pytestmark = [
    pytest.mark.weights,
    pytest.mark.filterwarnings("ignore:unclosed file .*tiktoken:ResourceWarning"),
]
ENGINES = ["ctranslate2", "openai-whisper"]
LEAST = 0.8
"""Share of a turn's words that must be heard as they are said."""

Sound = NDArray[np.int16]
Change = Callable[[Sound], Sound]

HARBOUR = "The harbour was closed this morning because of heavy fog along the northern coast."
FERRY = "Two ferries waited outside the breakwater until the wind turned in the afternoon."
PILOT = "I have worked here for twenty years and I have never seen anything like that."
FISH = "Most of the fishing boats stayed at home and the market had very little to sell."
HOPE = "We hope that the first ships can leave again tomorrow before the sun comes up."
FRENCH = "Le port est fermé depuis ce matin et personne ne sait quand il ouvrira de nouveau."


@dataclass(frozen=True, slots=True)
class Turn:
    text: str
    change: Change | None = None
    before_ms: int = 250
    """Silence before it; negative: it begins while the one before is still going on."""
    language: str | None = None


def other(sound: Sound) -> Sound:
    """A higher voice."""
    places = np.arange(0, len(sound) - 1, 1.18)
    moved: Sound = np.interp(places, np.arange(len(sound)), sound).astype(np.int16)
    return moved


def telephone(sound: Sound) -> Sound:
    """A higher voice over a line that lets 300 to 3,400 Hz through."""
    sound = other(sound)
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    return np.fft.irfft(spectrum, len(sound)).astype(np.int16)


def quiet(sound: Sound) -> Sound:
    """24 dB less."""
    return (other(sound) / 16).astype(np.int16)


def music(length: int) -> Sound:
    """Struck chords under a tune."""
    out = np.zeros(length)
    for at, start in enumerate(range(0, length, RATE // 2)):
        time = np.arange(min(RATE, length - start)) / RATE
        for hz in ((262, 330, 392, 523, 440, 349, 294, 247)[at % 8], 131, 196):
            tone = sum(np.sin(2 * np.pi * k * hz * time) / k for k in range(1, 7))
            out[start : start + len(time)] += np.exp(-2 * time) * tone
    loud: Sound = (1000 * out / out.std()).astype(np.int16)
    return loud


SCHOOL = "Children walked to school in the dark because the street lamps had failed again."
LONG = f"{FERRY} {FISH} {HOPE} {SCHOOL}"
"""Longer than a window has room for beside other turns."""
CELLS: dict[str, list[Turn]] = {
    "three voices": [Turn(HARBOUR), Turn(PILOT, other), Turn(FISH)],
    "telephone after studio": [Turn(HARBOUR), Turn(PILOT, telephone), Turn(FISH), Turn(HOPE)],
    "quiet after loud": [Turn(HARBOUR), Turn(PILOT, quiet), Turn(FISH)],
    "a window ends within a turn": [Turn(HARBOUR), Turn(LONG, other, 40), Turn(PILOT, None, 40)],
    "an answer of one word": [Turn(HARBOUR), Turn("Exactly.", other), Turn(FISH)],
    "two voices at once": [Turn(HARBOUR), Turn(PILOT, other, -700), Turn(FISH)],
    "another language": [Turn(HARBOUR), Turn(FRENCH, other, language="fr"), Turn(FISH)],
    "20 s of silence": [Turn(HARBOUR), Turn(PILOT, other, 20_000), Turn(FISH)],
}


@functools.cache
def recogniser(name: str) -> WhisperEngine:
    if name == "openai-whisper":
        pytest.importorskip("whisper")
    engine = asr.load(name, "base", models.resolve)
    assert isinstance(engine, WhisperEngine)
    return engine


def made(voice: Any, turns: list[Turn]) -> tuple[Audio, list[Span]]:
    """Turns -> their sound, and when each is said."""
    sounds = [_spoken(voice, turn) for turn in turns]
    starts: list[int] = []
    at = RATE // 2
    for turn, sound in zip(turns, sounds, strict=True):
        starts.append(at + turn.before_ms * RATE // 1000)
        at = starts[-1] + len(sound)
    samples = np.zeros(at + RATE // 2, np.int32)
    for start, sound in zip(starts, sounds, strict=True):
        samples[start : start + len(sound)] += sound
    spans = [
        Span(start * 1000 // RATE, (start + len(sound)) * 1000 // RATE)
        for start, sound in zip(starts, sounds, strict=True)
    ]
    return Audio(samples.clip(-32_768, 32_767).astype(np.int16), RATE), spans


def _spoken(voice: Any, turn: Turn) -> Sound:
    usual = voice.config.espeak_voice
    voice.config.espeak_voice = turn.language or usual
    try:
        sound = say(voice, turn.text)
    finally:
        voice.config.espeak_voice = usual
    return turn.change(sound) if turn.change else sound


def listen(engine: WhisperEngine, arrived: AudioSoFar) -> tuple[Word, ...]:
    options = asr.ListenOptions("en")
    found = engine.transcribe([arrived], options=options, progress=lambda *_: None)
    return found.words


def plain(text: str) -> list[str]:
    return re.sub(r"[^a-z ]", "", text.lower()).split()


def heard_of(turn: Turn, words: list[str]) -> float:
    """The share of a turn's words that are among others, in their order."""
    said = plain(turn.text)
    blocks = SequenceMatcher(None, said, words, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(said)


def runs(words: list[str], size: int = 4) -> Iterator[tuple[str, ...]]:
    for at in range(len(words) - size + 1):
        yield tuple(words[at : at + size])


def check(turns: list[Turn], spans: list[Span], words: tuple[Word, ...]) -> None:
    """Every turn is heard, at its time, once."""
    for turn, span in zip(turns, spans, strict=True):
        inside = [w for w in words if span.start - 400 <= w.start_ms < span.end + 400]
        if turn.language:
            assert len(inside) >= 0.7 * len(span) / 1000
        else:
            said = plain(" ".join(w.text for w in inside))
            assert heard_of(turn, said) >= LEAST, (turn.text, said)
    found = list(runs(plain(" ".join(w.text for w in words))))
    allowed = {run for turn in turns for run in runs(plain(turn.text))}
    assert not [run for run in set(found) if found.count(run) > 1 and run in allowed]
    starts = [w.start_ms for w in words]
    assert starts == sorted(starts)


@pytest.mark.parametrize("cell", CELLS)
def test_every_turn_is_heard(voice: Any, cell: str) -> None:
    audio, spans = made(voice, CELLS[cell])
    arrived = vad.run(audio)
    words = listen(recogniser("ctranslate2"), arrived)
    check(CELLS[cell], spans, words)
    shown = tuple(CaptionWord(w.text, w.start_ms, w.end_ms, "spoken", w.score) for w in words)
    assert align_step.uncaptioned_speech(arrived.speech, shown) == ()


@pytest.mark.parametrize("cell", ["telephone after studio", "an answer of one word"])
def test_every_turn_is_heard_by_openai_whisper(voice: Any, cell: str) -> None:
    audio, spans = made(voice, CELLS[cell])
    check(CELLS[cell], spans, listen(recogniser("openai-whisper"), vad.run(audio)))


@pytest.mark.parametrize("level", [0.0, 0.18], ids=["between", "under"])
def test_music_has_no_words_and_hides_none(voice: Any, level: float) -> None:
    """20 s of music between two turns, which goes on under them at 15 dB less, or does not."""
    turns = [Turn(HARBOUR), Turn(PILOT, other, 20_000)]
    audio, spans = made(voice, turns)
    sound = music(len(audio.samples)).astype(np.float64)
    place = np.arange(len(sound)) * 1000 // RATE
    between = (spans[0].end + 200 < place) & (place < spans[1].start - 200)
    mixed = audio.samples + np.where(between, sound, sound * level)
    audio = replace(audio, samples=mixed.clip(-32_768, 32_767).astype(np.int16))
    words = listen(recogniser("ctranslate2"), vad.run(audio))
    check(turns, spans, words)
    assert not [w for w in words if spans[0].end + 500 < w.start_ms < spans[1].start - 500]


@pytest.mark.parametrize("name", ENGINES)
def test_skipped_speech_is_recovered(voice: Any, name: str) -> None:
    """A window's words without those of the middle voice -> all of them, once and in order."""
    turns = [Turn(HARBOUR), Turn(PILOT, telephone), Turn(FISH)]
    audio, spans = made(voice, turns)
    arrived, engine = vad.run(audio), recogniser(name)
    (window,) = arrived.windows
    outer = [w for w in listen(engine, arrived) if not spans[1].start <= w.start_ms < spans[1].end]

    def sound(span: Span) -> NDArray[np.float32]:
        return audio.window(span.start, span.end)

    recovery = Recovery(engine, "en", engine.default_beam_size, sound, arrived.speech.segments)
    found = recovery.recover(window, outer, lambda: engine.encode([sound(window)])[0])
    check(turns, spans, tuple(found))


def test_silence_between_voices_has_no_words() -> None:
    audio = Audio(silence(20_000), RATE)
    assert listen(recogniser("ctranslate2"), vad.run(audio)) == ()
