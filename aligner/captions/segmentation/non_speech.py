"""Finds music and silence where nobody speaks, and puts labels for them between cues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aligner.captions.profiles import Profile
from aligner.languages.tags import primary
from aligner.types import Audio, Cue, Span, SpeechSegments

MIN_LENGTH_MS = 3000
"""A shorter interval without speech is a pause and gets no label."""
ANALYSED_MS = 20_000
"""The part of an interval, from its start, by which it is classified."""
SILENCE_RMS = 10 ** (-50 / 20)
"""Root mean square below which a frame is silent, relative to full scale (-50 dB)."""
FRAME = 1024
MAX_TONAL_FLATNESS = 0.2
"""Spectral flatness below which a sound is tonal: the geometric mean of the power from 100 to
4,000 Hz over its arithmetic mean. It is 0.56 for white noise and nearly 0 for a tone."""

LABELS: dict[str, dict[str, str]] = {
    "music": {
        "en": "[music]", "fr": "[musique]", "es": "[música]", "pt": "[música]", "it": "[musica]",
        "de": "[Musik]", "nl": "[muziek]", "sv": "[musik]", "pl": "[muzyka]", "ru": "[музыка]",
        "uk": "[музика]", "ar": "[موسيقى]", "id": "[musik]", "tr": "[müzik]", "zh": "[音乐]",
        "ja": "[音楽]", "ko": "[음악]",
    },
    "silence": {
        "en": "[silence]", "fr": "[silence]", "es": "[silencio]", "pt": "[silêncio]",
        "it": "[silenzio]", "de": "[Stille]", "nl": "[stilte]", "sv": "[tystnad]",
        "pl": "[cisza]", "ru": "[тишина]", "uk": "[тиша]", "ar": "[صمت]", "id": "[hening]",
        "tr": "[sessizlik]", "zh": "[静默]", "ja": "[無音]", "ko": "[침묵]",
    },
}  # fmt: skip
"""The text of each label by primary language subtag; English is used for other languages."""


@dataclass(frozen=True, slots=True)
class NonSpeechLabel:
    """A label for an interval in which nobody speaks."""

    start_ms: int
    end_ms: int
    label: str
    """The text as shown, including brackets."""


def find_sounds(audio: Audio, speech: SpeechSegments, language: str) -> tuple[NonSpeechLabel, ...]:
    """Returns labels for intervals of at least 3 s without speech that are music or silence.

    Other sounds, such as noise, get no label, because they are not recognised.
    """
    code = primary(language)
    found = []
    for gap in _between(speech, audio.duration_ms):
        samples = audio.window(gap.start, min(gap.end, gap.start + ANALYSED_MS))
        if kind := _kind(samples, audio.sample_rate):
            names = LABELS[kind]
            found.append(NonSpeechLabel(gap.start, gap.end, names.get(code, names["en"])))
    return tuple(found)


def _between(speech: SpeechSegments, duration_ms: int) -> Iterator[Span]:
    done = 0
    for part in (*speech.segments, Span(duration_ms, duration_ms)):
        if part.start - done >= MIN_LENGTH_MS:
            yield Span(done, part.start)
        done = max(done, part.end)


def _kind(samples: NDArray[np.float32], rate: int) -> str | None:
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    if not len(frames):
        return None
    levels = np.sqrt(np.mean(frames**2, axis=1))
    if float(np.percentile(levels, 90)) < SILENCE_RMS:
        return "silence"
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME), axis=1)) ** 2 + 1e-12
    low, high = (round(hertz * FRAME / rate) for hertz in (100, 4000))
    band = power[levels >= SILENCE_RMS, low:high]
    flatness = np.exp(np.mean(np.log(band), axis=1)) / np.mean(band, axis=1)
    return "music" if float(np.median(flatness)) < MAX_TONAL_FLATNESS else None


def with_sounds(
    cues: tuple[Cue, ...], sounds: tuple[NonSpeechLabel, ...], profile: Profile, duration_ms: int
) -> tuple[Cue, ...]:
    """Returns the cues and a label for each sound that has at least 3 s between them.

    A label begins with its sound, or after the previous cue with the minimum gap. It ends with the
    sound, before the next cue, or at the maximum duration.
    """
    if not sounds:
        return cues
    gap = profile.min_gap_ms
    ends = [0, *(cue.end_ms + gap for cue in cues)]
    starts = [*(cue.start_ms - gap for cue in cues), duration_ms]
    labels: list[Cue] = []
    for free_from, free_to in zip(ends, starts, strict=True):
        for sound in sounds:
            start, end = max(free_from, sound.start_ms), min(free_to, sound.end_ms)
            if end - start >= MIN_LENGTH_MS:
                shown = min(end, start + profile.max_duration_ms)
                labels.append(Cue(start, shown, (sound.label,), "spoken"))
    return tuple(sorted((*cues, *labels), key=lambda cue: cue.start_ms))
