"""Trains the linear phone classifier on the output of Whisper's encoder.

    python benchmarks/calibration/phone_head.py [--flite flite] [--model base] [--into FILE]
                                                [--minutes 12]

The speech is made here: sentences of this project's documents and of the sample article (a text in
the public domain), read by the voices kal16, rms, slt and awb of flite. flite and its voices are
free (Carnegie Mellon University, a licence like BSD's; Debian's package flite). The clean speech is
aligned with its words by the acoustic model, which gives each frame of 10 ms its phone and state.
Whisper's encoder gives a vector of features for each frame of 20 ms. These are reduced to 128
dimensions (principal components, whitened); three frames together are the input of two linear
discriminants with a shared covariance, one for each half of the middle frame. The result is a file
of about 0.3 MB, ``alignment/acoustic/encoders/whisper-MODEL.npz``.

Needs flite (its path may be given), the speech model's weights, and some minutes.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aligner import asr
from aligner.alignment.acoustic import lexicon
from aligner.alignment.acoustic.encoder_phones import WEIGHTS
from aligner.alignment.acoustic.graph import build_graph
from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.alignment.acoustic.mfcc import features
from aligner.alignment.acoustic.model import STATES, acoustics
from aligner.alignment.acoustic.viterbi import ViterbiInput, paths
from aligner.asr import models
from aligner.audio.decode import decode
from aligner.discovery.download import local

ROOT = Path(__file__).resolve().parents[2]
VOICES = ("kal16", "rms", "slt", "awb")
RATE, HALF = 16_000, 160
"""Samples per second, and of one half of the encoder's frame."""
PAUSE, WINDOW = 4_800, 27 * RATE
COMPONENTS = 128
FIRST_MFCC = 128
"""Samples from the start of a frame of the acoustic model to the 10 ms that it stands for."""
SHRINKAGE = 0.02
"""Share of the covariance that is replaced by its mean diagonal."""

Labels = NDArray[np.int16]
"""For each 10 ms of sound the number of a phone's state; -1: unknown."""


def sentences(chance: random.Random) -> list[list[str]]:
    """Returns sentences whose words are all in the dictionary, in a random order."""
    paths = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "samples/russia-and-assad/index.html"]
    found: list[list[str]] = []
    for path in paths:
        text = re.sub(r"<(script|style)(.|\n)*?</\1>|<[^>]*>", " ", path.read_text("utf-8"))
        text = re.sub(r"(?m)^( {4}|[|#>]).*$|```(.|\n)*?```", ". ", text)
        for sentence in re.split(r"[.!?:;|]\s", text):
            words = sentence.replace("’", "'").split()
            bare = [word.strip(',()"“”').lower() for word in words]
            if 6 <= len(bare) <= 22 and all(_is_word(word) for word in bare):
                found.append(bare)
    unique = [list(one) for one in dict.fromkeys(map(tuple, found))]
    chance.shuffle(unique)
    return unique


def _is_word(text: str) -> bool:
    return bool(re.fullmatch(r"[a-z]+('[a-z]+)?", text)) and lexicon.is_listed(text)


def read_aloud(flite: str, voice: str, text: str, scratch: Path) -> NDArray[np.int16]:
    """Returns a text read by a voice, with silence around it."""
    path = scratch / "said.wav"
    subprocess.run([flite, "-voice", voice, "-t", text, "-o", str(path)], check=True)
    sound = np.array(decode(local(path), scratch).samples)
    return np.pad(sound, PAUSE)


def labels(sound: NDArray[np.int16], words: list[str]) -> Labels | None:
    """Returns the phone states of a sound; None if its words do not fit."""
    model = acoustics()
    graph = build_graph([lexicon.pronunciations(LexiconToken(w, w)) for w in words], model)
    (frames,) = features([sound])
    senones = np.unique(graph.senones)
    scores = model.senone_scores(frames, senones)
    (path,) = paths([ViterbiInput(graph, scores, np.searchsorted(senones, graph.senones))])
    if path is None or path.per_frame < -17:
        return None
    names = [model.names[phone.name] for phone in graph.phones]
    states = np.array([names[s // STATES] * STATES + s % STATES for s in path.states], np.int16)
    halves = np.arange(len(sound) // HALF)
    at = np.round((halves * HALF + HALF / 2 - FIRST_MFCC) / HALF - 0.5).astype(int)
    known = (at >= 0) & (at < len(states))
    return np.where(known, states[np.clip(at, 0, len(states) - 1)], -1).astype(np.int16)


def speech(flite: str, minutes: float) -> Iterator[tuple[NDArray[np.int16], Labels]]:
    """Yields windows of up to 27 s of read sentences with their labels."""
    made: list[tuple[NDArray[np.int16], Labels]] = []
    left = minutes * 60 * RATE
    with tempfile.TemporaryDirectory() as folder:
        for at, words in enumerate(sentences(random.Random(1))):  # noqa: S311  not for secrets
            sound = read_aloud(flite, VOICES[at % len(VOICES)], " ".join(words), Path(folder))
            sound = sound[: len(sound) // (2 * HALF) * 2 * HALF]
            if (known := labels(sound, words)) is None:
                continue
            if made and sum(len(one) for one, _ in made) + len(sound) > WINDOW:
                yield np.concatenate([s for s, _ in made]), np.concatenate([k for _, k in made])
                made = []
            made.append((sound, known))
            left -= len(sound)
            if left < 0:
                break
    yield np.concatenate([s for s, _ in made]), np.concatenate([k for _, k in made])


def principal_components(rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Returns the mean of rows, and the matrix that reduces and whitens them."""
    mean = rows.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((rows - mean).T))
    best = np.argsort(-values)[:COMPONENTS]
    print(f"{COMPONENTS} components keep {values[best].sum() / values.sum():.1%} of the variance")
    return mean, (vectors[:, best] / np.sqrt(values[best])).astype(np.float32)


def discriminants(
    rows: NDArray[np.float32], states: Labels, count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns weights and offsets of the discriminants of states (Fisher 1936).

    A state that never occurs gets the lowest offset, so that it never wins.
    """
    known = states >= 0
    rows, states = rows[known].astype(np.float64), states[known]
    often = np.bincount(states, minlength=count)
    means = np.eye(count)[states].T @ rows / np.maximum(often, 1)[:, None]
    inner = rows - means[states]
    covariance = inner.T @ inner / len(rows)
    covariance *= 1 - SHRINKAGE
    covariance += SHRINKAGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    weights = np.linalg.solve(covariance, means.T)
    offsets = -0.5 * (means * weights.T).sum(axis=1)
    offsets[often == 0] = -1e4
    return weights.astype(np.float32), offsets.astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--flite", default="flite")
    parser.add_argument("--model", default="base")
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--into", type=Path)
    args = parser.parse_args()
    into = args.into or WEIGHTS / f"whisper-{args.model}.npz"
    engine = asr.load("ctranslate2", args.model, models.resolve)
    encoded, known = [], []
    for sound, states in speech(args.flite, args.minutes):
        (output,) = engine.encode([sound.astype(np.float32) / 32_768], tight=True)  # type: ignore[attr-defined]
        count = len(sound) // (2 * HALF)
        encoded.append(np.asarray(output.features[0][:count], np.float32))
        known.append(states[: 2 * count].reshape(-1, 2))
    print(f"{sum(map(len, encoded)) / 3000:.1f} minutes of speech", flush=True)
    mean, matrix = principal_components(np.concatenate(encoded))
    reduced = [np.pad((one - mean) @ matrix, ((1, 1), (0, 0)), "edge") for one in encoded]
    rows = np.concatenate([np.concatenate([o[:-2], o[1:-1], o[2:]], axis=1) for o in reduced])
    states = np.concatenate(known)
    count = len(acoustics().names) * STATES
    parts = [discriminants(rows, states[:, half], count) for half in (0, 1)]
    for half, (weights, offsets) in enumerate(parts):
        found = (rows @ weights + offsets).argmax(axis=1)
        of = states[:, half] >= 0
        right = (found[of] // STATES == states[of, half] // STATES).mean()
        print(f"half {half}: the right phone in {right:.1%} of the training frames")
    np.savez_compressed(
        into,
        mean=mean.astype(np.float16),
        components=matrix.astype(np.float16),
        weights=np.stack([w for w, _ in parts]).astype(np.float16),
        offsets=np.stack([o for _, o in parts]).astype(np.float32),
    )
    print(f"{into}: {into.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
