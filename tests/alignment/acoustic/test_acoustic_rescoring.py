"""Acoustic rescoring: the log-likelihood ratio of other words to those that were recognised."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from speech import RATE, say, silence

from aligner.alignment import acoustic
from aligner.alignment.acoustic.rescoring import LONGEST_MS
from aligner.types import Audio, EngineInfo, Span, Transcript, Word

FRAME = "They said {} was not there"


def llr(voice: Any, said: str, heard: str, other: str, *, noisy: bool = False) -> float | None:
    """Returns the LLR of ``other`` to ``heard`` in synthetic speech that says ``said``.

    The recognised words are spread evenly over the sound.
    """
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
    rescore = acoustic.acoustic_rescorer(
        audio, Transcript("en", tuple(words), EngineInfo("recorded", "x"))
    )
    assert rescore
    return rescore(Span(2, 2 + len(heard.split())), other)


NUMBERS = [
    ("fifteen", "fifty"), ("fifty", "fifteen"), ("thirteen", "thirty"), ("90", "19"),
    ("two", "ten"), ("one hundred", "won"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("said", "other"), NUMBERS)
def test_another_number_is_unlikely(voice: Any, said: str, other: str) -> None:
    found = llr(voice, said, said, other)
    assert found is not None
    assert found < -20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "heard"),
    [("Sidibe", "city bay"), ("Mykolaiv", "Michael life"), ("Henderson", "and a son")],
)
def test_a_name_is_about_as_likely_as_its_misrecognition(voice: Any, said: str, heard: str) -> None:
    found = llr(voice, said, heard, said)
    assert found is not None
    assert found > -20


@pytest.mark.slow
@pytest.mark.parametrize("other", ["Lindqvist", "Moscow", "Henderson"])
def test_another_name_is_unlikely(voice: Any, other: str) -> None:
    found = llr(voice, "Keita", "Keita", other)
    assert found is None or found < -50


@pytest.mark.slow
def test_a_dropped_word_is_likely_and_another_is_not(voice: Any) -> None:
    """The recognised words are "They said was not there"."""
    kept, wrong = (llr(voice, "Keita", "", other) for other in ("Keita", "Moscow"))
    assert kept is not None
    assert kept > 50
    assert wrong is None or wrong < kept - 50


@pytest.mark.slow
def test_an_unspoken_word_between_two_others_is_unlikely(voice: Any) -> None:
    found = llr(voice, "", "", "Keita")
    assert found is None or found < -20


@pytest.mark.slow
@pytest.mark.parametrize("other", ["Lindqvist", "Sidibe"])
def test_loud_noise_gives_no_answer(voice: Any, other: str) -> None:
    assert llr(voice, "Keita", "Keita", other, noisy=True) is None


def test_long_passages_and_other_languages_give_no_answer() -> None:
    audio = Audio(np.zeros(20 * RATE, dtype=np.int16), RATE)
    words = tuple(Word("no", k * 4000, k * 4000 + 3000, 0.9) for k in range(5))
    heard = Transcript("en", words, EngineInfo("recorded", "x"))
    rescore = acoustic.acoustic_rescorer(audio, heard)
    assert rescore
    assert words[4].end_ms - words[0].start_ms > LONGEST_MS
    assert rescore(Span(2, 3), "yes") is None
    assert acoustic.acoustic_rescorer(audio, replace(heard, language="fr")) is None
    assert acoustic.acoustic_rescorer(replace(audio, sample_rate=8000), heard) is None
