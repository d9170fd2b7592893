"""Sounds and the words spoken in them -> when each is said, how well they fit: forced alignment.

Of all paths through exactly these words, with silences allowed between them, the likeliest one by
the acoustic model is taken; it is given up where it is not likely enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aligner.alignment.acoustic import lexicon
from aligner.alignment.acoustic.graph import NO_WORD, AlignmentGraph, lattice
from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.alignment.acoustic.mfcc import Frames, Sound, features
from aligner.alignment.acoustic.model import STATES, AcousticModel, acoustics
from aligner.alignment.acoustic.viterbi import Path, ViterbiInput, paths

FRAME_MS = 10
FRAME_BIAS_MS = 8
"""Added to every border: the model's frames run ahead of the sound. Measured on hand-labelled
borders (median), and the same on words spoken by a synthetic voice."""
LEAST_FIT = -17.0
"""Nats to a frame: what fits worse is not what is said. Of 91 passages, 58 of them read by people,
the worst had -16.4, in noise as loud as the speech -16.8. With the words of others half had -19 or
less, and in noise of -10 dB nine of ten less than this."""


@dataclass(frozen=True, slots=True)
class WordAlignment:
    """Where a word was found, in milliseconds from the sound's start."""

    start: float
    end: float
    phone: str
    """With which it begins, as the acoustic model calls it."""
    fit: float
    """Nats to a frame."""
    squeezed: bool
    """No longer than its phones must at least be: a sign that it is not said there."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sound and the words said in it."""

    samples: Sound
    """At 16 kHz."""
    words: Sequence[LexiconToken]


def align(asked: Sequence[Utterance]) -> list[list[WordAlignment] | None]:
    """For each sound the place of each of its words; None where they do not fit it.

    Each comes out as if it were alone; together they take less time.
    """
    model = acoustics()
    lattices = [_lattice(one.words, model) for one in asked]
    possible = [(at, one) for at, one in enumerate(lattices) if one is not None]
    frames = features([asked[at].samples for at, _ in possible])
    tasks = [
        task
        for (_, one), seen in zip(possible, frames, strict=True)
        for task in _fits(model, seen, [one])
    ]
    found: list[list[WordAlignment] | None] = [None] * len(asked)
    for (at, one), path in zip(possible, paths(tasks), strict=True):
        if path is not None and path.per_frame >= LEAST_FIT:
            found[at] = _places(one, path, len(asked[at].words))
    return found


@dataclass(frozen=True, slots=True)
class TextScore:
    """How well a text fits a sound."""

    log: float
    """Log likelihood in nats."""
    contrast: float
    """Nats to a frame by which it fits better than the phones of all texts do on average."""


def score_texts(sound: Sound, texts: Sequence[Sequence[LexiconToken]]) -> list[TextScore | None]:
    """How well each of some texts fits a sound; None where it has no path through it."""
    model = acoustics()
    lattices = [_lattice(said, model) for said in texts]
    (frames,) = features([sound])
    tasks = _fits(model, frames, [one for one in lattices if one is not None])
    usual = float(np.mean([task.usual for task in tasks])) if tasks else 0.0
    found = iter(paths(tasks))
    every = (next(found) if one is not None else None for one in lattices)
    return [TextScore(p.log, p.per_frame - usual) if p is not None else None for p in every]


def _lattice(said: Sequence[LexiconToken], model: AcousticModel) -> AlignmentGraph | None:
    """The ways in which words may be said; None where there is none."""
    ways = [lexicon.pronunciations(word) for word in said]
    return lattice(ways, model) if ways and all(ways) else None


def _fits(
    model: AcousticModel, frames: Frames, some: Sequence[AlignmentGraph]
) -> list[ViterbiInput]:
    """Lattices with how well their states fit a sound, which is found out once for all of them."""
    if not some:
        return []
    senones = np.unique(np.concatenate([one.senones for one in some]))
    fits = model.fits(frames, senones)
    return [ViterbiInput(one, fits, np.searchsorted(senones, one.senones)) for one in some]


def _places(one: AlignmentGraph, path: Path, count: int) -> list[WordAlignment]:
    """The place of each of ``count`` words on a path."""
    phones = path.states // STATES
    words = one.words[phones]
    spoken = np.flatnonzero(words != NO_WORD)
    firsts = spoken[np.searchsorted(words[spoken], np.arange(count), "left")]
    lasts = spoken[np.searchsorted(words[spoken], np.arange(count), "right") - 1]
    found = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        least = len(set(phones[first : last + 1].tolist())) * STATES
        start, end = (frame * FRAME_MS + FRAME_BIAS_MS for frame in (first, last + 1))
        phone = one.phones[phones[first]].name
        fit = float(path.logs[first : last + 1].mean())
        found.append(WordAlignment(start, end, phone, fit, last + 1 - first <= least))
    return found
