"""Counts the words that a recogniser hallucinates in 19 sounds of 12 s without speech.

    python benchmarks/no_speech.py [--engine ctranslate2] [--model base] [--voice RECORDING]

The sounds are synthetic: noise, hum, music, sung vowels, applause, breath, steps, babble and the
like. Reversed speech and babble are made of RECORDING, by default that of `aligner models bench`.
Voice activity detection finds no speech in most of them: "detected" counts the words in what it
detects, "given" the words if the whole sound is passed on as speech. Both are counted after
hallucinations were dropped (``alignment/matching/hallucinations.py``), without an article.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aligner import asr
from aligner.asr import models
from aligner.audio import vad
from aligner.audio.decode import decode
from aligner.discovery.download import local
from aligner.pipeline import align_step
from aligner.pipeline.benchmark import subprocesses
from aligner.types import Article, Audio, AudioSoFar, Span, SpeechSegments

RATE, SECONDS = 16_000, 12
LENGTH = RATE * SECONDS
LOUDNESS = 2_000.0
"""Root mean square of each sound; full scale is 32,768."""

Sound = NDArray[np.float64]
rng = np.random.default_rng(5)
time = np.arange(LENGTH) / RATE


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", default="ctranslate2")
    parser.add_argument("--model", default="base")
    parser.add_argument("--voice", type=Path, default=subprocesses.READING)
    args = parser.parse_args()
    engine = asr.load(args.engine, args.model, models.resolve)
    totals = [0, 0]
    print("| sound | speech detected, s | words, detected | words, given |")
    print("| --- | ---: | ---: | ---: |")
    for name, sound in _sounds(_voice(args.voice)).items():
        samples = (LOUDNESS * sound / sound.std()).clip(-32_000, 32_000).astype(np.int16)
        there = vad.run(Audio(samples, RATE))
        whole = Span(0, SECONDS * 1000)
        given = AudioSoFar(there.audio, SpeechSegments((whole,)), (whole,))
        found = [_words(engine, one) for one in (there, given)]
        totals = [total + len(words) for total, words in zip(totals, found, strict=True)]
        shown = [f"{len(words)} {' '.join(words)[:60]}".strip() for words in found]
        print(f"| {name} | {there.speech.total_ms / 1000:.1f} | {' | '.join(shown)} |", flush=True)
    print(f"| all | | {totals[0]} | {totals[1]} |")


def _words(engine: asr.Engine, there: AudioSoFar) -> list[str]:
    """Returns the recognised words that are not dropped as hallucinations."""
    if not there.windows:
        return []
    heard = engine.transcribe([there], options=asr.ListenOptions("en"), progress=lambda *_: None)
    if not heard.words:
        return []
    alignment, _, _ = align_step.align_and_classify(Article(None, None, "en", ()), heard, None)
    return [word.text for word in alignment.words]


def _voice(path: Path) -> Sound:
    with tempfile.TemporaryDirectory() as folder:
        audio = decode(local(path), Path(folder), lambda *_: None)
        return np.array(audio.samples, dtype=np.float64)


# ---------------------------------------------------------------- the sounds


def _sounds(voice: Sound) -> dict[str, Sound]:
    voice = np.resize(voice, 8 * LENGTH)
    parts = voice.reshape(8, LENGTH)
    white = rng.normal(size=LENGTH)
    return {
        "white noise": white,
        "pink noise": _shaped(lambda hz: hz**-0.5),
        "wind": _shaped(lambda hz: hz**-1.5) * (1.2 + np.sin(2 * np.pi * time / 5)),
        "rain": _bursts(4_000, 60, 12),
        "hum": sum(np.sin(2 * np.pi * 50 * k * time) / k for k in (1, 2, 3, 5)) + white / 50,
        "dial tone": np.sin(2 * np.pi * 440 * time) * (time % 5 < 1) + white / 100,
        "siren": np.sin(2 * np.pi * np.cumsum(700 + 400 * np.sin(np.pi * time)) / RATE),
        "struck chords": _chords(2.0),
        "organ": _chords(0.1),
        "drums": _bursts(36, 6_000, 1_500),
        "singing vowels": _sung(0.0),
        "singing with vibrato": _sung(0.02),
        "choir": sum((_sung(0.01 * k) for k in range(1, 5)), np.zeros(LENGTH)),
        "applause": _bursts(480, 300, 60),
        "breath": _shaped(lambda hz: np.exp(-(((hz - 1200) / 900) ** 2))) * (time % 3 < 1.2),
        "steps": _bursts(22, 2_000, 250),
        "babble": sum(parts[k][:: (-1) ** k] for k in range(8)),
        "reversed speech": parts[0][::-1],
        "reversed speech, slow": np.interp(time * 0.7, time, parts[1][::-1]),
    }


def _shaped(gain: Callable[[Sound], Sound]) -> Sound:
    """Returns noise with a given spectrum."""
    hz = np.maximum(np.fft.rfftfreq(LENGTH, 1 / RATE), 30.0)
    return np.fft.irfft(np.fft.rfft(rng.normal(size=LENGTH)) * gain(hz), LENGTH)


def _bursts(count: int, length: int, decay: float) -> Sound:
    """Returns short decaying bursts of noise."""
    out = np.zeros(LENGTH)
    for start in rng.integers(0, LENGTH - length, count):
        out[start : start + length] += rng.normal(size=length) * np.exp(-np.arange(length) / decay)
    return out


def _chords(decay: float) -> Sound:
    """Returns a tune over chords."""
    out = np.zeros(LENGTH)
    for at, start in enumerate(range(0, LENGTH, RATE // 2)):
        one = np.arange(min(RATE, LENGTH - start)) / RATE
        tune = (262, 330, 392, 523, 440, 349, 294, 247)[at % 8]
        for hz in (tune, *((131, 165, 196) if at % 2 == 0 else ())):
            tone = sum(np.sin(2 * np.pi * k * hz * one) / k for k in range(1, 7))
            out[start : start + len(one)] += np.exp(-decay * one) * tone
    return out


def _sung(vibrato: float) -> Sound:
    """Returns sung vowels: a pulse train through three formants each."""
    vowels = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480))
    out = np.zeros(LENGTH)
    for at, start in enumerate(range(0, LENGTH, RATE)):
        one = np.arange(min(RATE, LENGTH - start)) / RATE
        hz = (196, 220, 247, 262, 294, 330)[at % 6] * (1 + vibrato * np.sin(2 * np.pi * 5.5 * one))
        phase = 2 * np.pi * np.cumsum(hz) / RATE
        formants = vowels[at % 4]
        for k in range(1, 20):
            near = sum(np.exp(-(((k * hz.mean() - f) / 120) ** 2)) for f in formants)
            out[start : start + len(one)] += (near + 0.02) * np.sin(k * phase) / k**0.3
    return out


if __name__ == "__main__":
    main()
