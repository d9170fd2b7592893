"""Label sounds where nobody speaks, and put the labels between cues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aligner.captions.profiles import Profile
from aligner.languages.tags import primary
from aligner.types import Audio, Cue, Span, SpeechSegments

LEAST_MS = 3000
"""A shorter stretch without words is a pause, not worth a label."""
HEARD_MS = 20_000
"""So much of a stretch tells what it is."""
SILENT = 10 ** (-50 / 20)
"""Root mean square, full scale 1, under which nothing is heard: -50 dB."""
FRAME = 1024
TONAL = 0.2
"""Spectral flatness (geometric over arithmetic mean of the power, 100 to 4,000 Hz) under which a
sound has tones. White noise has 0.56 whatever its level, a tone nearly 0."""

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
"""What is shown, by language; English for any other."""


@dataclass(frozen=True, slots=True)
class NonSpeechLabel:
    """What is heard where nobody speaks."""

    start_ms: int
    end_ms: int
    label: str
    """As shown, brackets included."""


def find_sounds(audio: Audio, speech: SpeechSegments, language: str) -> tuple[NonSpeechLabel, ...]:
    """Stretches of 3 s and more without speech that are music or silence.

    What is neither, as noise and the din of a street, has no label: it is not known.
    """
    code = primary(language)
    found = []
    for gap in _between(speech, audio.duration_ms):
        heard = audio.window(gap.start, min(gap.end, gap.start + HEARD_MS))
        if kind := _kind(heard, audio.sample_rate):
            names = LABELS[kind]
            found.append(NonSpeechLabel(gap.start, gap.end, names.get(code, names["en"])))
    return tuple(found)


def _between(speech: SpeechSegments, duration_ms: int) -> Iterator[Span]:
    done = 0
    for part in (*speech.segments, Span(duration_ms, duration_ms)):
        if part.start - done >= LEAST_MS:
            yield Span(done, part.start)
        done = max(done, part.end)


def _kind(samples: NDArray[np.float32], rate: int) -> str | None:
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    if not len(frames):
        return None
    levels = np.sqrt(np.mean(frames**2, axis=1))
    if float(np.percentile(levels, 90)) < SILENT:
        return "silence"
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME), axis=1)) ** 2 + 1e-12
    low, high = (round(hertz * FRAME / rate) for hertz in (100, 4000))
    band = power[levels >= SILENT, low:high]
    flatness = np.exp(np.mean(np.log(band), axis=1)) / np.mean(band, axis=1)
    return "music" if float(np.median(flatness)) < TONAL else None


def with_sounds(
    cues: tuple[Cue, ...], sounds: tuple[NonSpeechLabel, ...], profile: Profile, duration_ms: int
) -> tuple[Cue, ...]:
    """Returns the cues and a label for every sound that has room for 3 s between them.

    The label comes with the sound, with the least gap after the cue before, and goes after the
    greatest duration, or when the next cue comes.
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
            if end - start >= LEAST_MS:
                shown = min(end, start + profile.max_duration_ms)
                labels.append(Cue(start, shown, (sound.label,), "spoken"))
    return tuple(sorted((*cues, *labels), key=lambda cue: cue.start_ms))
