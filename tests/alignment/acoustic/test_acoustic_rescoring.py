"""How well other words fit the sound than those that were heard, by an acoustic model."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from speech import RATE, say, silence

from aligner.alignment import acoustic
from aligner.alignment.acoustic.rescoring import LONGEST_MS
from aligner.types import Audio, EngineInfo, Span, Transcript, Word

FRAME = "They said {} was not there"


def gain(voice: Any, said: str, heard: str, other: str, *, noisy: bool = False) -> float | None:
    """``said`` is in the sound; the words heard are spread evenly over it."""
    sound = say(voice, FRAME.format(said) + ".")
    if noisy:  # as loud as the speech
        loud = float(np.std(sound))
        noise = np.random.default_rng(1).normal(0, loud, len(sound))
        sound = np.clip(sound + noise, -32768, 32767).astype(np.int16)
    audio = Audio(np.concatenate([silence(200), sound, silence(200)]), RATE)
    texts = FRAME.format(heard).split()
    each = len(sound) * 1000 // RATE // len(texts)
    words = [Word(t, 200 + k * each, 200 + (k + 1) * each, 0.9) for k, t in enumerate(texts)]
    words[-1] = replace(words[-1], end_ms=audio.duration_ms - 200)
    fit = acoustic.fit(audio, Transcript("en", tuple(words), EngineInfo("recorded", "x")))
    assert fit
    return fit(Span(2, 2 + len(heard.split())), other)


NUMBERS = [
    ("fifteen", "fifty"), ("fifty", "fifteen"), ("thirteen", "thirty"), ("90", "19"),
    ("two", "ten"), ("one hundred", "won"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("said", "other"), NUMBERS)
def test_another_number_does_not_fit(voice: Any, said: str, other: str) -> None:
    found = gain(voice, said, said, other)
    assert found is not None
    assert found < -20


@pytest.mark.parametrize(
    ("said", "heard"),
    [("Sidibe", "city bay"), ("Mykolaiv", "Michael life"), ("Henderson", "and a son")],
)
def test_a_name_fits_as_well_as_what_was_heard_for_it(voice: Any, said: str, heard: str) -> None:
    found = gain(voice, said, heard, said)
    assert found is not None
    assert found > -20


@pytest.mark.parametrize("other", ["Lindqvist", "Moscow", "Henderson"])
def test_another_name_does_not(voice: Any, other: str) -> None:
    found = gain(voice, "Keita", "Keita", other)
    assert found is None or found < -50


def test_a_word_that_was_dropped(voice: Any) -> None:
    """Heard is "They said was not there"."""
    kept, wrong = (gain(voice, "Keita", "", other) for other in ("Keita", "Moscow"))
    assert kept is not None
    assert kept > 50
    assert wrong is None or wrong < kept - 50


def test_a_word_that_nobody_said_does_not_fit_between(voice: Any) -> None:
    found = gain(voice, "", "", "Keita")
    assert found is None or found < -20


@pytest.mark.parametrize("other", ["Lindqvist", "Sidibe"])
def test_in_noise_nobody_knows(voice: Any, other: str) -> None:
    assert gain(voice, "Keita", "Keita", other, noisy=True) is None


def test_what_cannot_be_told() -> None:
    audio = Audio(np.zeros(20 * RATE, dtype=np.int16), RATE)
    words = tuple(Word("no", k * 4000, k * 4000 + 3000, 0.9) for k in range(5))
    heard = Transcript("en", words, EngineInfo("recorded", "x"))
    fit = acoustic.fit(audio, heard)
    assert fit
    assert words[4].end_ms - words[0].start_ms > LONGEST_MS
    assert fit(Span(2, 3), "yes") is None
    assert acoustic.fit(audio, replace(heard, language="fr")) is None
    assert acoustic.fit(replace(audio, sample_rate=8000), heard) is None
