"""Measures the minimum for any Whisper recogniser: features and encoder of every window.

    python benchmarks/speed_floor.py ARTICLE RECORDING [--model base] [--batches 1,2,4,8]

The windows are those that aligner gives its recogniser for this article and recording: the pipeline
runs with a recogniser that only measures. A second of silence is added to each. They are encoded in
int8, once on all cores in batches of each size, longest first, padded to the longest of their
batch, and once with one window on each core ("cores"); the fastest way is reported. Prints a JSON
object: seconds by batch size, the best, the seconds before (start, decoding, voice activity
detection) and those of loading.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner import asr
from aligner._util import malloc
from aligner._util.concurrency import cpu_count
from aligner.asr import models
from aligner.pipeline import steps
from aligner.pipeline.options import Options
from aligner.types import AudioSoFar, EngineInfo, Transcript

RATE, HOP = 16_000, 160
LONGEST = 30 * RATE
"""Maximum number of samples of a window."""
SILENCE = RATE
"""Samples of silence after each window; without them, decoders repeat text."""

Sound = NDArray[np.float32]


class Floor:
    """A recogniser that encodes every window, and returns no words."""

    info = EngineInfo("floor", "base", "")

    def __init__(self, model: str, sizes: list[int]) -> None:
        self.model, self.sizes = model, sizes
        self.found: dict[str, Any] = {}

    def knows(self, _language: str) -> bool:
        return True

    def transcribe(
        self, arrivals: Iterable[AudioSoFar], *, options: object, **_: object
    ) -> Transcript:
        """See ``Engine``; the figures are in ``found``."""
        there = list(arrivals)[-1]
        began = time.perf_counter()
        sounds = [there.audio.window(window.start, window.end) for window in there.windows]
        model = _load(self.model)
        loaded = time.perf_counter()
        model.encode(_features(model, sounds[:1]))  # the first call is slower
        seconds: dict[int | str, float] = {n: _encode(model, sounds, n) for n in self.sizes}
        seconds["cores"] = _side_by_side(_load(self.model, side_by_side=True), sounds)
        best = min(seconds, key=seconds.__getitem__)
        self.found = {
            "windows": len(sounds), "sound_s": sum(map(len, sounds)) / RATE,
            "load_s": loaded - began, "by_batch_s": seconds, "batch": best, "best_s": seconds[best],
        }  # fmt: skip
        return Transcript(getattr(options, "language", None) or "en", (), self.info)

    def language_probabilities(self, *_: object) -> None:
        """See ``Engine``: unknown."""

    def rescorer(self, *_: object) -> None:
        """See ``Engine``: none."""


def _load(name: str, *, side_by_side: bool = False) -> Any:
    """Load the model for one window on all cores, or for one window on each core."""
    from faster_whisper import WhisperModel

    malloc.claim()
    malloc.disable_trim()
    path = str(models.resolve(name, "ctranslate2").path)
    threads, workers = (1, cpu_count()) if side_by_side else (cpu_count(), 1)
    return WhisperModel(
        path, device="cpu", compute_type="int8", cpu_threads=threads, num_workers=workers
    )


def _side_by_side(model: Any, sounds: list[Sound]) -> float:
    """Returns the seconds to encode all windows, one on each core."""

    def one(sound: Sound) -> None:
        np.asarray(model.encode(_features(model, [sound])))

    with ThreadPoolExecutor(cpu_count()) as pool:
        list(pool.map(one, sounds[: cpu_count()]))  # the first calls are slower
        began = time.perf_counter()
        list(pool.map(one, sorted(sounds, key=len, reverse=True)))
        return time.perf_counter() - began


def _encode(model: Any, sounds: list[Sound], size: int) -> float:
    """Returns the seconds to encode all windows in batches of a size."""
    began = time.perf_counter()
    for batch in _batches(sounds, size):
        np.asarray(model.encode(_features(model, batch)))
    return time.perf_counter() - began


def _batches(sounds: list[Sound], size: int) -> Iterator[list[Sound]]:
    ordered = sorted(sounds, key=len, reverse=True)
    yield from (ordered[at : at + size] for at in range(0, len(ordered), size))


def _features(model: Any, batch: list[Sound]) -> Sound:
    """Returns log-mel spectrograms, shape (batch, mels, frames)."""
    length = min(max(map(len, batch)) + SILENCE, LONGEST)
    padded = (np.pad(sound, (0, max(0, length - len(sound))))[:length] for sound in batch)
    frames = length // (2 * HOP) * 2
    return np.stack([model.feature_extractor(sound, padding=HOP)[:, :frames] for sound in padded])


def main() -> None:
    began = time.perf_counter()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("article")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--batches", default="1,2,4,8")
    args = parser.parse_args()
    floor = Floor(args.model, [int(size) for size in args.batches.split(",")])

    def chosen(*_: object, **__: object) -> Floor:
        return floor

    asr.load = chosen  # the pipeline asks for its recogniser by this name
    steps.caption(args.article, Options(media=str(args.recording), speakers="off"))
    whole = time.perf_counter() - began
    spent = sum(floor.found["by_batch_s"].values()) + floor.found["load_s"]
    print(json.dumps(floor.found | {"before_s": whole - spent}))


if __name__ == "__main__":
    main()
