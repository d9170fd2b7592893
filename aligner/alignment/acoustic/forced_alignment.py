"""Forced alignment: finds when each word of a known text is said, and how well it matches.

Of all paths through exactly these words, with optional silences between them, the acoustic model's
likeliest one is taken; it is rejected where its likelihood is too low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aligner.alignment.acoustic import lexicon
from aligner.alignment.acoustic.graph import NO_WORD, AlignmentGraph, build_graph
from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.alignment.acoustic.mfcc import Frames, Sound, features
from aligner.alignment.acoustic.model import STATES, AcousticModel, acoustics
from aligner.alignment.acoustic.noise import NoisySpeech
from aligner.alignment.acoustic.viterbi import Path, ViterbiInput, paths

FRAME_MS = 10
FRAME_BIAS_MS = 8
"""Added to every boundary, as the frames of the model run ahead of the sound. The median on
hand-labelled boundaries; synthetic speech gives the same."""
MIN_SCORE = -17.0
"""Least score of an accepted text, in nats per frame. Of 91 passages, 58 of them read by people,
the worst had -16.4, in noise as loud as the speech -16.8. With the words of others half had -19 or
less, and in noise of -10 dB nine of ten less than this."""

MIN_RELATIVE_SCORE = -4.8
"""The same for words of other languages, whose phones are the nearest English ones: nats to a frame
by which the path lies below the best phone of each frame. Of 79 passages of twelve words in eight
languages the right words had -2.0 to -4.7, but for one of -5.7; words of the same text in another
order -3.6 to -6.8."""


@dataclass(frozen=True, slots=True)
class WordAlignment:
    """When a word is said, in milliseconds from the start of the sound."""

    start: float
    end: float
    phone: str
    """Its first phone, as the acoustic model names it."""
    score: float
    """Mean log likelihood in nats per frame."""
    squeezed: bool
    """Whether it has the fewest frames that its phones allow, so that it may not be said there."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sound and the lexicon tokens said in it."""

    samples: Sound
    """At 16 kHz."""
    words: Sequence[LexiconToken]
    noise: NoisySpeech | None = None
    """How it is scored in noise; None for clean speech."""


def align(utterances: Sequence[Utterance]) -> list[list[WordAlignment] | None]:
    """Returns for each utterance the alignment of its words; None if it is rejected.

    Utterances are independent of each other; together they take less time.
    """
    model = acoustics()
    graphs = [_graphs(one, model) for one in utterances]
    with_graph = [(at, some) for at, some in enumerate(graphs) if some]
    asked = [utterances[at] for at, _ in with_graph]
    frames = _features(asked)
    tasks = [
        _viterbi_inputs(model, observed, some, one.noise)
        for (_, some), one, observed in zip(with_graph, asked, frames, strict=True)
    ]
    every = iter(paths([task for some in tasks for task in some]))
    found: list[list[WordAlignment] | None] = [None] * len(utterances)
    for (at, some), one, observed in zip(with_graph, asked, frames, strict=True):
        path, *decoys = [next(every) for _ in some]
        if path is not None and _is_plausible(path, decoys, one, observed):
            found[at] = _places(some[0], path, len(one.words))
    return found


def _graphs(of: Utterance, model: AcousticModel) -> list[AlignmentGraph]:
    """Returns the graph of an utterance, and in noise that of its decoy; none if there is none.

    The decoy is the text backwards, phone by phone.
    """
    ways = [lexicon.pronunciations(word) for word in of.words]
    if not ways or not all(ways):
        return []
    graphs = [build_graph(ways, model)]
    backwards = [tuple(one[::-1] for one in some) for some in reversed(ways)]
    if of.noise is not None and backwards != ways:
        graphs.append(build_graph(backwards, model))
    return graphs


def _features(utterances: Sequence[Utterance]) -> list[Frames]:
    """Returns the feature vectors of each utterance, as its model takes them."""
    clean = iter(features([one.samples for one in utterances if one.noise is None]))
    return [
        one.noise.noisy.features(one.samples) if one.noise else next(clean) for one in utterances
    ]


def _is_plausible(path: Path, decoys: Sequence[Path | None], of: Utterance, frames: Frames) -> bool:
    """Whether words fit a sound well enough to be what is said."""
    if of.noise is not None:
        least = path.per_frame - of.noise.least_margin
        return all(one is None or one.per_frame <= least for one in decoys)
    if of.words[0].language == lexicon.ENGLISH:
        return path.per_frame >= MIN_SCORE
    best = float(acoustics().best_phone(frames).mean())
    return path.per_frame - best >= MIN_RELATIVE_SCORE


@dataclass(frozen=True, slots=True)
class TextScore:
    """How well a text matches a sound."""

    log: float
    """Log likelihood in nats."""
    contrast: float
    """Nats per frame by which its score exceeds the mean of all phones of all texts."""


def score_texts(sound: Sound, texts: Sequence[Sequence[LexiconToken]]) -> list[TextScore | None]:
    """Scores texts on one sound; None for a text that has no path through it."""
    model = acoustics()
    graphs = [_graph(said, model) for said in texts]
    (frames,) = features([sound])
    tasks = _viterbi_inputs(model, frames, [one for one in graphs if one is not None])
    mean = float(np.mean([task.mean_emission for task in tasks])) if tasks else 0.0
    found = iter(paths(tasks))
    every = (next(found) if one is not None else None for one in graphs)
    return [TextScore(p.log, p.per_frame - mean) if p is not None else None for p in every]


def _graph(said: Sequence[LexiconToken], model: AcousticModel) -> AlignmentGraph | None:
    """Returns the graph of all pronunciations of words; None if a word has none."""
    ways = [lexicon.pronunciations(word) for word in said]
    return build_graph(ways, model) if ways and all(ways) else None


def _viterbi_inputs(
    model: AcousticModel,
    frames: Frames,
    some: Sequence[AlignmentGraph],
    noise: NoisySpeech | None = None,
) -> list[ViterbiInput]:
    """Returns Viterbi inputs for graphs on one sound; its senones are scored once for all."""
    if not some:
        return []
    senones = np.unique(np.concatenate([one.senones for one in some]))
    scored = noise.emissions if noise else model.senone_scores
    emissions = scored(frames, senones)
    return [ViterbiInput(one, emissions, np.searchsorted(senones, one.senones)) for one in some]


def _places(one: AlignmentGraph, path: Path, count: int) -> list[WordAlignment]:
    """Returns the alignment of each of ``count`` words on a path."""
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
        score = float(path.logs[first : last + 1].mean())
        found.append(WordAlignment(start, end, phone, score, last + 1 - first <= least))
    return found
