"""Join two clips of one language by a known silence, and see where aligner finds the second one.

    python benchmarks/junctions.py FOLDER [--only it,cs] [--silences 300,600,1000]

FOLDER holds cases of ``languages.py`` (CASE/truth.json with the times of words), whose recordings
are cut at the pauses between words, or clips (NAME.json with "lang", "audio" and "text"). All are
trimmed to what is louder than 25 dB below their loudest moment. Each clip is followed by a
silence and by another clip of its language, or by itself if there is none. The text of both is
aligned with the joined sound, without a recogniser. Printed for each language:

    joins    junctions
    start    of the second clip's first word: the share within 50 ms of the truth, mean error in ms
    end      of the first clip's last word: the same
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aligner.alignment import acoustic
from aligner.alignment.acoustic.filterbank import RATE
from aligner.alignment.acoustic.forced_alignment import Utterance, align
from aligner.alignment.acoustic.rescoring import lexicon_tokens
from aligner.audio.decode import decode
from aligner.discovery.download import local
from aligner.types import Audio, CaptionWord, Span, SpeechSegments

PAUSE_S = 0.15
LEAST_WORDS = 3
NEAR_MS = 50
QUIET = 10 ** (-25 / 20)

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Clip:
    """Speech without silence around it, and its words."""

    language: str
    samples: Samples
    words: tuple[str, ...]

    @property
    def duration_ms(self) -> float:
        return len(self.samples) * 1000 / RATE


def samples_of(path: Path) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        return np.array(decode(local(path), Path(folder)).samples)


def clips(folder: Path) -> Iterator[Clip]:
    """The clips of a folder, in the order of their names."""
    for path in sorted(folder.glob("*/truth.json")):
        yield from sentences(path)
    for path in sorted(folder.glob("*.json")):
        about = json.loads(path.read_text("utf-8"))
        if {"lang", "audio", "text"} <= set(about):
            words = split(about["text"], about["lang"])
            yield Clip(about["lang"], trimmed(samples_of(folder / about["audio"])), words)


def split(text: str, language: str) -> tuple[str, ...]:
    from aligner import languages

    return tuple(word.text for word in languages.get(language).split(text))


def sentences(path: Path) -> Iterator[Clip]:
    """The parts of a case's recording between two pauses."""
    truth = json.loads(path.read_text("utf-8"))
    samples = samples_of(path.parent / truth["media"])
    run: list[dict[str, float | str]] = []
    for word in [*truth["spoken"], {"start": None, "end": None}]:
        timed = word["start"] is not None and word["end"] is not None
        if run and not (timed and word["start"] - run[-1]["end"] < PAUSE_S):
            if len(run) >= LEAST_WORDS:
                first, last = (int(run[k][at] * RATE) for k, at in ((0, "start"), (-1, "end")))
                texts = tuple(str(one.get("written", one["w"])) for one in run)
                yield Clip(truth["lang"], trimmed(samples[first:last]), texts)
            run = []
        if timed:
            run.append(word)


def trimmed(samples: Samples) -> Samples:
    """The samples from the first to the last moment that is loud enough."""
    step = RATE // 100
    frames = samples[: len(samples) // step * step].reshape(-1, step).astype(float)
    loud = np.flatnonzero(np.abs(frames).max(axis=1) > QUIET * np.abs(frames).max())
    return samples[loud[0] * step : (loud[-1] + 1) * step]


def joined(first: Clip, second: Clip, silence_ms: int) -> tuple[float, float] | None:
    """Errors in ms of the first clip's end and of the second one's start; None if refused."""
    silence = np.zeros(silence_ms * RATE // 1000, np.int16)
    samples = np.concatenate([first.samples, silence, second.samples])
    texts = [*first.words, *second.words]
    groups = lexicon_tokens(texts, first.language)
    (found,) = align([Utterance(samples, [token for group in groups for token in group])])
    if found is None:
        return None
    places = iter(found)
    words: list[CaptionWord] = []
    for text, group in zip(texts, groups, strict=True):
        spans = [next(places) for _ in group]
        start = round(spans[0].start) if spans else words[-1].end_ms if words else 0
        end = round(spans[-1].end) if spans else start + 1
        words.append(CaptionWord(text, start, max(end, start + 1), "spoken", 1.0))
    audio = Audio(samples, RATE)
    end_ms, start_ms = first.duration_ms, first.duration_ms + silence_ms
    speech = SpeechSegments((Span(0, round(end_ms)), Span(round(start_ms), audio.duration_ms)))
    timed = acoustic.refine(audio, tuple(words), speech, first.language)
    at = len(first.words)
    return timed[at - 1].end_ms - end_ms, timed[at].start_ms - start_ms


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--silences", default="300,600,1000")
    args = parser.parse_args()
    silences = itertools.cycle(int(one) for one in args.silences.split(","))
    wanted = set(args.only.split(",")) - {""}
    by_language: dict[str, list[Clip]] = {}
    for clip in clips(args.folder):
        if not wanted or clip.language in wanted:
            by_language.setdefault(clip.language, []).append(clip)
    print("| language | joins | refused | start within 50 ms, mean | end within 50 ms, mean |")
    print("|---|---:|---:|---:|---:|")
    everything: list[tuple[float, float] | None] = []
    for language, found in by_language.items():
        pairs = list(zip(found, [*found[1:], found[0]], strict=True))
        errors = [joined(first, second, next(silences)) for first, second in pairs]
        everything += errors
        print(row(language, errors), flush=True)
    print(row("all", everything))


def row(name: str, errors: list[tuple[float, float] | None]) -> str:
    off = np.abs(np.array([one for one in errors if one is not None]).reshape(-1, 2))
    ends, starts = (
        f"{(side <= NEAR_MS).sum() / len(errors):.0%}, {side.mean():.0f} ms" if len(off) else "-"
        for side in off.T
    )
    return f"| {name} | {len(errors)} | {errors.count(None)} | {starts} | {ends} |"


if __name__ == "__main__":
    main()
