"""Adapts the acoustic model to the noise of a recording.

The model was trained on clean speech. Its Gaussians are mixed with the noise that is heard in the
pauses: *parallel model combination* (Gales and Young 1996), with a linear approximation for the
variances and differences (vector Taylor series: Moreno, Raj and Stern 1996). It is done in the
domain of the band energies' logarithms, where speech and noise add as powers. The noise reduction
of ``mfcc`` is left out. Clean recordings are not adapted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.acoustic import mfcc
from aligner.alignment.acoustic.encoder_phones import head, phone_ratios
from aligner.alignment.acoustic.filterbank import RATE
from aligner.alignment.acoustic.intervals import near, shifted
from aligner.alignment.acoustic.mfcc import Frames, Sound
from aligner.alignment.acoustic.model import (
    AcousticModel,
    Senones,
    acoustics,
    gaussian_factors,
    gaussians,
)
from aligner.types import Audio, EncodedSpeech, Span

MARGIN, MARGIN_WITH_PHONES = 0.3, 1.0
"""Nats to a frame by which a text must score more than its decoy, itself backwards, to be accepted:
by the model in noise alone, and with the phones of the encoder. Chosen on four readers, on texts of
three and of twelve words in music, murmur and pink noise of 5 and 0 dB. Of three other readers 93
and 99 % of the right texts have more, and 13 and 8 % of others."""
PART_MS = 60_000
"""Length of the parts of a recording whose noise is measured."""
CLEAN_DB = 25.0
"""From this signal-to-noise ratio on, a recording is clean."""
FRAME_MS, CENTRE_MS = 10, 13
"""From a frame to the next, and from the start of a frame to its middle."""
EDGE_FRAMES = 6
"""Frames beside detected speech that may be speech as well."""
LEAST_POWER = 1.0
"""Least power of noise: that of samples of 1, which are rounding errors."""
LOWEST_DB = -20.0
"""Least signal-to-noise ratio that is told."""
LEAST_PAUSES = 100
"""Fewest frames of pauses that are measured alone. Where there are fewer, the quietest frames of
the speech count too."""
QUIETEST = 0.1
"""Share of all frames that are taken for noise where there are few pauses."""
STEPS = 12
"""Steps in which the mean of the clean speech is found."""
LOWEST_SPEECH = -3.0
"""Least mean of the clean speech in a band, in nats to the noise: below it nothing is heard."""
KEPT_MODELS = 4
"""Adapted models that are kept."""
LEAST_VARIANCE = 0.05
"""Least share of a variance that is left in noise."""
DIFFERENCES = (1.0, 2.0, 4.0)
"""Variance of a feature of noise, of its first and of its second difference, if its frames are
independent."""
SILENCES = ("SIL", "+NSN+", "+SPN+")
"""Phones of the model that are no speech."""


@dataclass(frozen=True, slots=True, eq=False)
class NoiseProfile:
    """Speech and noise in a part of a recording, in logarithms of band energies."""

    noise: NDArray[np.float64]
    """Mean of the noise's powers; shape (bands,)."""
    noise_variance: NDArray[np.float64]
    """Variance of the noise's MFCC; shape (terms,)."""
    speech: NDArray[np.float64]
    """Mean of the frames with speech, noise included; shape (bands,)."""


def recording_snr_db(audio: Audio, speech: Sequence[Span]) -> float | None:
    """Estimates the signal-to-noise ratio of a recording, in dB.

    It is the mean power of the frames with detected ``speech``, less the median power of the
    others, to that median. None if nothing is heard, or no speech was detected.
    """
    parts = _minutes(audio.duration_ms)
    if not parts:
        return None
    return _ratio_db(np.concatenate([_powers(_samples(audio, part)) for part in parts]), speech)


def _ratio_db(powers: NDArray[Any], speech: Sequence[Span]) -> float | None:
    """See ``recording_snr_db``; ``powers`` of its frames."""
    if not powers.any():
        return None
    is_speech, is_noise = _parts(powers, speech)
    if not is_speech.any():
        return None
    noise = max(float(np.median(powers[is_noise])), LEAST_POWER)
    ratio = float(powers[is_speech].mean()) / noise - 1
    return float(10 * np.log10(max(ratio, 10 ** (LOWEST_DB / 10))))


def _powers(sound: Sound) -> NDArray[np.float32]:
    """Returns the power of each frame of a sound, without its mean."""
    levels = sound - sound.mean(dtype=np.float32)
    whole = levels[: len(levels) // mfcc.HOP * mfcc.HOP].reshape(-1, mfcc.HOP)
    return np.asarray((whole**2).mean(axis=1))


def profile(sound: Sound, speech: Sequence[Span]) -> NoiseProfile:
    """Measures speech and noise in a sound with detected speech, in milliseconds of it."""
    logs = mfcc.log_energies(sound)
    is_speech, is_noise = _parts(np.exp(logs).sum(axis=1), speech)
    noise, spoken = logs[is_noise], logs[is_speech] if is_speech.any() else logs
    loud = spoken[(spoken @ mfcc.cosines())[:, 0] >= 0]
    return NoiseProfile(
        np.log(np.exp(noise).mean(axis=0)),
        (noise @ mfcc.cosines()).var(axis=0),
        (loud if len(loud) else spoken).mean(axis=0),
    )


def _parts(
    powers: NDArray[Any], speech: Sequence[Span]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Returns which frames are speech, and which are noise, by their powers."""
    is_speech = np.zeros(len(powers), bool)
    for span in speech:
        first, last = ((ms - CENTRE_MS) // FRAME_MS for ms in (span.start, span.end))
        is_speech[max(0, first - EDGE_FRAMES) : max(0, last + EDGE_FRAMES)] = True
    is_noise = ~is_speech
    if is_noise.sum() < LEAST_PAUSES:
        is_noise |= powers <= np.quantile(powers, QUIETEST)
    return is_speech, is_noise


@dataclass(frozen=True, slots=True)
class NoisyModel:
    """The acoustic model in the noise of a recording."""

    model: AcousticModel
    mean: NDArray[np.float64]
    """The mean of the static features of the noisy speech, from which features are counted."""

    def features(self, sound: Sound) -> Frames:
        """Returns the feature vectors of a sound; shape (n, 39)."""
        return mfcc.with_differences(mfcc.log_energies(sound) @ mfcc.cosines() - self.mean)


@dataclass(frozen=True, slots=True)
class NoisySpeech:
    """How an utterance in noise is scored: by the model in this noise, and by the encoder."""

    profile: NoiseProfile
    encoded: EncodedSpeech | None = None
    """The output of the recogniser's encoder; None if there is none with known phones."""
    start_ms: int = 0
    """Where the utterance starts in the recording."""

    @property
    def noisy(self) -> NoisyModel:
        """The model in this noise."""
        return adapted(self.profile)

    @property
    def least_margin(self) -> float:
        """The least margin of a text over its decoy, in nats to a frame."""
        return MARGIN if self.encoded is None else MARGIN_WITH_PHONES

    def later(self, ms: float) -> NoisySpeech:
        """Returns the same for an utterance that starts later."""
        return replace(self, start_ms=self.start_ms + round(ms))

    def emissions(self, frames: Frames, senones: Senones) -> Frames:
        """Returns the log likelihood of each senone in each frame, in nats; shape (n, senones)."""
        model = self.noisy.model
        scores = model.senone_scores(frames, senones)
        if self.encoded is None:
            return scores
        ratios = phone_ratios(self.encoded, self.start_ms, len(frames))
        return np.add(scores, ratios[:, model.senone_states[senones]], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class RecordingNoise:
    """The noise in the parts of a recording, which may change."""

    parts: tuple[tuple[int, NoisySpeech | None], ...]
    """The end of each part in milliseconds, and its noise; None where the sound is clean."""

    def at(self, ms: int) -> NoisySpeech | None:
        """Returns the noise at a time; None where the sound is clean."""
        last = self.parts[-1][1] if self.parts else None
        return next((noise for end, noise in self.parts if ms < end), last)


def of_recording(
    audio: Audio, speech: Sequence[Span], encoded: EncodedSpeech | None
) -> RecordingNoise:
    """Measures the noise in parts of a minute; ``speech`` is what was detected.

    ``encoded``: the output of the recogniser's encoder. It is used if its phones are known.
    """
    encoded = encoded if encoded and head(encoded.model) else None
    parts = _minutes(audio.duration_ms)
    return RecordingNoise(tuple((p.end, _of_part(audio, p, speech, encoded)) for p in parts))


def _minutes(total_ms: int) -> list[Span]:
    """Divides a recording into equal parts of about a minute."""
    count = max(1, round(total_ms / PART_MS))
    borders = (total_ms * at // count for at in range(count + 1))
    return [Span(start, end) for start, end in pairwise(borders) if end > start]


def _samples(audio: Audio, part: Span) -> Sound:
    return np.asarray(audio.samples[part.start * RATE // 1000 : part.end * RATE // 1000])


def _of_part(
    audio: Audio, part: Span, speech: Sequence[Span], encoded: EncodedSpeech | None
) -> NoisySpeech | None:
    sound = _samples(audio, part)
    spoken = [shifted(speech[at], -part.start) for at in near(speech, part)]
    ratio = _ratio_db(_powers(sound), spoken)
    if ratio is None or ratio >= CLEAN_DB:
        return None
    return NoisySpeech(profile(sound, spoken), encoded)


@lru_cache(KEPT_MODELS)
def adapted(to: NoiseProfile) -> NoisyModel:
    """Returns the acoustic model in a noise."""
    clean = gaussians()
    shapes = clean.means[:, 0] @ _to_bands()
    spoken = shapes + _clean_mean(shapes, to)
    noisy = np.logaddexp(spoken, to.noise)
    slopes = (_to_bands() * np.exp(spoken - noisy)[..., None, :]) @ mfcc.cosines()
    means = [
        (noisy - to.speech) @ mfcc.cosines(),
        *(np.einsum("pgt,pgts->pgs", clean.means[:, k], slopes) for k in (1, 2)),
    ]
    shares = slopes**2, (np.eye(mfcc.TERMS) - slopes) ** 2
    variances = [
        np.einsum("pgt,pgts->pgs", clean.variances[:, k], shares[0])
        + np.einsum("t,pgts->pgs", factor * to.noise_variance, shares[1])
        for k, factor in enumerate(DIFFERENCES)
    ]
    least = LEAST_VARIANCE * clean.variances
    factors = gaussian_factors(
        np.stack(means, axis=1), np.maximum(np.stack(variances, axis=1), least)
    )
    return NoisyModel(replace(acoustics(), gaussians=factors), to.speech @ mfcc.cosines())


@cache
def _to_bands() -> NDArray[np.float64]:
    """Returns the inverse of ``mfcc.cosines``; shape (terms, bands)."""
    return np.asarray(np.linalg.pinv(mfcc.cosines()), np.float64)


def _clean_mean(shapes: NDArray[np.float64], to: NoiseProfile) -> NDArray[np.float64]:
    """Returns the mean of the clean speech that gives with the noise what is observed.

    ``shapes``: the Gaussians' band energies about the mean; shape (phones, 128, bands).
    """
    usual = _usual_gaussians()[..., None]
    mean = to.speech.copy()
    for _ in range(STEPS):
        expected = (np.logaddexp(shapes + mean, to.noise) * usual).sum(axis=(0, 1))
        step = np.clip(to.speech - expected, -2, 2)
        mean = np.maximum(mean + step, to.noise + LOWEST_SPEECH)
    return mean


@cache
def _usual_gaussians() -> NDArray[np.float64]:
    """Returns how usual each Gaussian is in speech; shape (phones, 128), with the sum 1.

    All phones count alike.
    """
    model = acoustics()
    usual = model.mean_mixture_weights()
    usual[[model.names[name] for name in SILENCES]] = 0
    return np.asarray(usual / usual.sum())
