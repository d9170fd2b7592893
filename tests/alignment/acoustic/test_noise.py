"""Word times in noise: the model adapted to it, and the phones that an encoder tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from speech import RATE, SENTENCES, Spoken, say

from aligner.alignment import acoustic
from aligner.alignment.acoustic import encoder_phones, noise
from aligner.alignment.acoustic.forced_alignment import Utterance, align
from aligner.alignment.acoustic.model import STATES, acoustics
from aligner.alignment.acoustic.rescoring import lexicon_tokens
from aligner.types import Audio, CaptionWord, EncodedSpeech, Span, SpeechSegments

Noise = NDArray[np.float64]
OTHER = "Nobody has ever seen the lake freeze before the second week of January, they said."


def pink(count: int, seed: int = 1) -> Noise:
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    return np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 20), count)


def hum(count: int) -> Noise:
    """Chords that change twice a second."""
    t = np.arange(count) / RATE
    roots = 110 * 2 ** ((t * 2).astype(int) % 5 / 12)
    return np.asarray(sum(np.sin(2 * np.pi * roots * k * t) / k for k in (1, 1.5, 2, 2.5, 4, 5)))


def murmur(count: int, voice: NDArray[np.int16]) -> Noise:
    """Six voices that say other things: one voice backwards, at six places."""
    backwards = np.resize(voice[::-1], count).astype(float)
    return np.asarray(sum(np.roll(backwards, k * count // 7) for k in range(6)))


def with_noise(spoken: Spoken, made: Noise, snr_db: float) -> Audio:
    """The noise is so many dB below the speech."""
    samples = spoken.audio.samples.astype(float)
    power = np.concatenate([samples[s.start * 16 : s.end * 16] for s in spoken.spans]).var()
    mixed = samples + made * np.sqrt(power / made.var() / 10 ** (snr_db / 10))
    return Audio(np.clip(mixed, -32_768, 32_767).astype(np.int16), RATE)


def speech_of(spoken: Spoken) -> SpeechSegments:
    return SpeechSegments(spoken.spans)


def rough_words(spoken: Spoken) -> tuple[CaptionWord, ...]:
    """The words, each as long as the others of its sentence."""
    words = []
    for text, span in zip(spoken.sentences, spoken.spans, strict=True):
        parts = text.split()
        at = [span.start + len(span) * k // len(parts) for k in range(len(parts) + 1)]
        words += [
            CaptionWord(word, at[k], at[k + 1], "verified", 1.0) for k, word in enumerate(parts)
        ]
    return tuple(words)


# ---------------------------------------------------------------- the ratio


@pytest.mark.parametrize("snr_db", [20, 10, 5, 0])
def test_the_ratio_is_that_of_the_mixture(spoken: Spoken, snr_db: int) -> None:
    audio = with_noise(spoken, pink(len(spoken.audio.samples)), snr_db)
    assert acoustic.snr_db(audio, speech_of(spoken)) == pytest.approx(snr_db, abs=2)


@pytest.mark.parametrize(
    ("audio", "speech"),
    [
        (Audio(np.zeros(0, np.int16), RATE), ()),
        (Audio(np.zeros(RATE, np.int16), RATE), (Span(0, 500),)),
        (Audio(np.ones(RATE, np.int16), RATE), (Span(0, 500),)),
        (Audio((pink(RATE) * 1000).astype(np.int16), RATE), ()),
        (Audio((pink(RATE) * 1000).astype(np.int16), RATE // 2), (Span(0, 500),)),
    ],
    ids=["nothing", "silence", "a constant", "noise alone", "8 kHz"],
)
def test_without_speech_or_sound_there_is_no_ratio(audio: Audio, speech: tuple[Span, ...]) -> None:
    assert acoustic.snr_db(audio, SpeechSegments(speech)) is None


def test_clean_speech_is_timed_as_ever(spoken: Spoken) -> None:
    """The encoder is not asked."""

    def asked(_: Span) -> Any:
        raise AssertionError

    speech = speech_of(spoken)
    measured = noise.of_recording(spoken.audio, speech.segments, None)
    assert all(part is None for _, part in measured.parts)
    options = acoustic.TimingOptions(encoded=EncodedSpeech("base", asked))
    words = rough_words(spoken)
    assert acoustic.refine(spoken.audio, words, speech, "en", options) == acoustic.refine(
        spoken.audio, words, speech, "en"
    )


def test_noise_that_begins_in_the_middle(spoken: Spoken) -> None:
    """Each minute has its own noise."""
    noisy = with_noise(spoken, pink(len(spoken.audio.samples)), 5)
    times = -(-60_000 // spoken.audio.duration_ms)
    samples = np.concatenate([np.tile(one.samples, times) for one in (spoken.audio, noisy)])
    audio, one = Audio(samples, RATE), spoken.audio.duration_ms
    speech = [
        Span(s.start + k * one, s.end + k * one) for k in range(2 * times) for s in spoken.spans
    ]
    measured = noise.of_recording(audio, speech, None)
    assert len(measured.parts) == 2
    assert measured.at(0) is None
    assert measured.at(audio.duration_ms // 2 + 1) is measured.at(audio.duration_ms + 1) is not None


# ---------------------------------------------------------------- texts and times


NOISES: dict[str, Callable[[Spoken], Audio]] = {
    "pink 10 dB": lambda s: with_noise(s, pink(len(s.audio.samples)), 10),
    "pink 5 dB": lambda s: with_noise(s, pink(len(s.audio.samples)), 5),
    "pink 0 dB": lambda s: with_noise(s, pink(len(s.audio.samples)), 0),
    "music 5 dB": lambda s: with_noise(s, hum(len(s.audio.samples)), 5),
    "murmur 10 dB": lambda s: with_noise(s, murmur(len(s.audio.samples), s.audio.samples), 10),
}


@pytest.mark.parametrize("condition", NOISES)
def test_the_spoken_text_is_accepted_and_another_refused(spoken: Spoken, condition: str) -> None:
    audio = NOISES[condition](spoken)
    measured = noise.of_recording(audio, spoken.spans, None).at(0)
    assert measured is not None
    span = spoken.spans[0]
    sound = audio.samples[(span.start - 300) * 16 : (span.end + 300) * 16]
    texts = (spoken.sentences[0], OTHER)
    said = [
        [token for group in lexicon_tokens(text.split(), "en") for token in group] for text in texts
    ]
    right, wrong = align([Utterance(sound, one, measured) for one in said])
    assert right is not None
    assert wrong is None


@pytest.mark.slow
@pytest.mark.parametrize("condition", ["pink 5 dB", "pink 0 dB"])
def test_word_times_in_noise_are_nearer_to_those_without(
    spoken: Spoken, condition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, speech, audio = rough_words(spoken), speech_of(spoken), NOISES[condition](spoken)
    clean = acoustic.refine(spoken.audio, words, speech, "en")
    adapted = acoustic.refine(audio, words, speech, "en")
    monkeypatch.setattr(noise, "CLEAN_DB", -100.0)
    as_if_clean = acoustic.refine(audio, words, speech, "en")

    def error(found: tuple[CaptionWord, ...]) -> float:
        pairs = zip(found, clean, strict=True)
        return float(np.mean([abs(one.start_ms - true.start_ms) for one, true in pairs]))

    assert error(adapted) < 0.8 * error(as_if_clean)


@pytest.mark.parametrize("gain", [0.003, 3.0], ids=["-50 dB", "clipped"])
def test_speech_that_is_soft_or_clipped_is_timed(spoken: Spoken, gain: float) -> None:
    words, speech = rough_words(spoken), speech_of(spoken)
    samples = np.clip(spoken.audio.samples * gain, -32_768, 32_767).astype(np.int16)
    found = acoustic.refine(Audio(samples, RATE), words, speech, "en")
    true = acoustic.refine(spoken.audio, words, speech, "en")
    off = [abs(a.start_ms - b.start_ms) for a, b in zip(found, true, strict=True)]
    assert np.median(off) <= 40


# ---------------------------------------------------------------- the encoder's phones


def test_ratios_have_their_place_in_the_recording() -> None:
    """The middle of a frame of the acoustic model tells which 10 ms of the encoder it is."""
    head = encoder_phones.head("base")
    assert head is not None
    rows = np.random.default_rng(2).normal(size=(50, len(head.mean))).astype(np.float32)
    window = Span(1_000, 2_000)
    encoded = EncodedSpeech("base", lambda _: [(window, rows)])
    found = encoder_phones.phone_ratios(encoded, 900, 120)
    assert found.shape == (120, len(acoustics().names) * STATES)
    every = head.ratios(rows)
    assert not found[:9].any()
    assert np.allclose(found[9:109], every, atol=1e-3)
    assert not found[109:].any()
    assert every.min() == encoder_phones.LOWEST
    inner = encoder_phones.phone_ratios(encoded, 1_400, 20)
    assert np.allclose(inner, every[41:61], atol=1e-3)


def test_an_encoder_without_a_classifier_is_not_asked(spoken: Spoken) -> None:
    assert encoder_phones.head("small") is None
    audio = NOISES["pink 5 dB"](spoken)
    encoded = EncodedSpeech("small", lambda _: [])
    measured = noise.of_recording(audio, spoken.spans, encoded).at(0)
    assert measured is not None
    assert measured.encoded is None


@pytest.mark.weights
@pytest.mark.slow
def test_the_encoder_tells_right_texts_from_wrong_ones_in_noise(voice: Any) -> None:
    """With its phones the margin of the text over its decoy is larger."""
    from aligner import asr
    from aligner.asr import models

    sound = np.pad(np.concatenate([say(voice, text) for text in SENTENCES]), RATE)
    mixed = sound + pink(len(sound)) / pink(len(sound)).std() * sound[RATE:-RATE].std()
    samples = np.clip(mixed, -32_768, 32_767).astype(np.int16)
    audio, speech = Audio(samples, RATE), [Span(1_000, len(sound) // 16 - 1_000)]
    engine: Any = asr.load("ctranslate2", "base", models.resolve)
    (output,) = engine.encode([audio.window(0, audio.duration_ms)], tight=True)
    window = Span(0, audio.duration_ms)
    encoded = EncodedSpeech("base", lambda _: [(window, output.features[0])])
    measured = noise.of_recording(audio, speech, encoded).at(0)
    assert measured is not None
    right = [t for g in lexicon_tokens(" ".join(SENTENCES).split(), "en") for t in g]
    wrong = [t for g in lexicon_tokens(f"{OTHER} {OTHER}".split(), "en") for t in g]
    found, refused = align([Utterance(samples, one, measured) for one in (right, wrong)])
    assert found is not None
    assert refused is None
    without = replace(measured, encoded=None)
    assert encoder_phones.phone_ratios(encoded, 0, 100).any()
    assert without.least_margin < measured.least_margin
