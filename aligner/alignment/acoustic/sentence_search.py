"""Finds which sentences of a text are spoken in a recording, and when, without a recogniser.

The text is a chain: other sound, the first sentence, other sound, the second sentence, and so on.
Any sentence may be left out. Of all paths through the chain the likeliest one is taken (Viterbi
1967). "Other sound" scores in each frame as its best phone does, less ``DELTA``: a sentence is on
the path only where its phones score more than that for as long as it lasts.

What is found is then compared with decoys on the same sound: the sentence backwards, and its words
in another order. A sentence that is spoken scores clearly more than all of them, whatever the
voice, the noise and the language are. At last its words are judged one by one (``word_evidence``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.acoustic import lexicon
from aligner.alignment.acoustic.filterbank import RATE
from aligner.alignment.acoustic.forced_alignment import FRAME_MS
from aligner.alignment.acoustic.graph import PAUSE, SILENCE, build_graph
from aligner.alignment.acoustic.lexicon import LexiconToken, Phones
from aligner.alignment.acoustic.mfcc import Frames, features
from aligner.alignment.acoustic.model import (
    BEGIN,
    END,
    INSIDE,
    NEVER,
    SINGLE,
    STATES,
    AcousticModel,
    Triphone,
    acoustics,
)
from aligner.alignment.acoustic.rescoring import samples_of
from aligner.alignment.acoustic.viterbi import ViterbiInput, paths
from aligner.alignment.acoustic.word_evidence import SentenceEvidence, align_words, judge
from aligner.types import Audio, Span

DELTA = 6.0
"""Nats to a frame by which other sound lies below the best phone. Spoken sentences of eight
languages lie 1.9 to 5.0 below it."""
ENTER, REMAIN = math.log(0.02), math.log(0.98)
"""Log probabilities of a sentence's beginning in a frame of other sound, and of no beginning."""
MIN_PHONES = 12
"""Sentences with fewer phones are not looked for: they fit somewhere by chance."""
CERTAIN, POSSIBLE = 0.9, 0.45
"""Nats to a frame by which a sentence scores more than its best decoy. If most of the sentences
found are certain, those that are possible are believed too, else none is. Spoken ones had 0.8 to
4.2 in seven languages (Japanese, whose readings are not known here, 0.5 to 0.8); of texts in other
languages 11 of 12 had 0.05 to 0.8."""
HOP = FRAME_MS * RATE // 1000
"""Samples to a frame."""
BLOCK = 1_000
"""Frames whose phones are scored at a time."""
MAX_CELLS = 6e9
"""States times frames that are searched at most: about an hour with an article of 300 words."""


@dataclass(frozen=True, slots=True)
class FoundSentence:
    """A sentence that is spoken."""

    index: int
    """Its place in the list that was looked for."""
    span: Span
    """When it is spoken, in milliseconds."""
    words: SentenceEvidence
    """Its words, and which of them are certain."""


def find_sentences(
    audio: Audio, sentences: Sequence[Sequence[Sequence[LexiconToken]]]
) -> tuple[FoundSentence, ...]:
    """Returns the sentences that are spoken in a recording, in order; they do not overlap.

    ``audio`` has 16 kHz. Sentences are given by their words, these by their lexicon tokens.
    Nothing is returned where decoys fit as well, where the words do not hold (``word_evidence``),
    or where the search would take too long (``MAX_CELLS``).
    """
    model = acoustics()
    listed = [(at, ways) for at, words in enumerate(sentences) if (ways := _phones(words))]
    chain = [(at, ways) for at, ways in listed if sum(map(len, ways)) >= MIN_PHONES]
    texts = [ways for _, one in chain for ways in (one, _backwards(one))]
    states = STATES * sum(len(word) + 1 for ways in texts for word in ways)
    if not texts or states * (len(audio.samples) // HOP) > MAX_CELLS:
        return ()
    network = _Network([_sentence(ways, model) for ways in texts])
    (frames,) = features([np.asarray(audio.samples)])
    found = [(at // 2, span) for at, span in _search(network, frames, model) if at % 2 == 0]
    contrasts = [_contrast(audio, span, chain[at][1], model) for at, span in found]
    if 2 * sum(contrast >= CERTAIN for contrast in contrasts) <= len(found):
        return ()
    likely = [
        (chain[at][0], span)
        for (at, span), contrast in zip(found, contrasts, strict=True)
        if contrast >= POSSIBLE
    ]
    return tuple(_with_evidence(likely, sentences, frames, model))


def _with_evidence(
    found: Sequence[tuple[int, Span]],
    sentences: Sequence[Sequence[Sequence[LexiconToken]]],
    frames: Frames,
    model: AcousticModel,
) -> Iterator[FoundSentence]:
    """Yields those of some sentences, given by their indices and times, whose words hold."""
    aligned = [
        (at, span, words)
        for at, span in found
        if (words := align_words(sentences[at], _part(frames, span), span.start, model))
    ]
    judged = judge([words for _, _, words in aligned])
    for (at, span, _), words in zip(aligned, judged, strict=True):
        if words is not None:
            yield FoundSentence(at, span, words)


def _part(frames: Frames, span: Span) -> Frames:
    return frames[span.start // FRAME_MS : span.end // FRAME_MS]


def _contrast(audio: Audio, span: Span, words: list[Phones], model: AcousticModel) -> float:
    """Returns the nats to a frame by which words fit a part of a recording better than decoys."""
    thirds = [len(words) // 3, 2 * len(words) // 3]
    turned = [words[at:] + words[:at] for at in thirds]
    texts = [words, _backwards(words), *turned, *map(_backwards, turned)]
    graphs = [build_graph([(word,) for word in text], model) for text in texts]
    (frames,) = features([samples_of(audio, span)])
    senones = np.unique(np.concatenate([graph.senones for graph in graphs]))
    scores = model.senone_scores(frames, senones)
    inputs = [ViterbiInput(one, scores, np.searchsorted(senones, one.senones)) for one in graphs]
    own, *decoys = (path.per_frame if path else -math.inf for path in paths(inputs))
    return own - max(decoys)


def _phones(words: Sequence[Sequence[LexiconToken]]) -> list[Phones]:
    """Returns the usual pronunciation of each token; tokens without sound are left out."""
    tokens = (token for word in words for token in word)
    return [ways[0] for token in tokens if (ways := lexicon.pronunciations(token)) and ways[0]]


def _backwards(words: Sequence[Phones]) -> list[Phones]:
    return [word[::-1] for word in reversed(words)]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """The states of a sentence in order, with optional silence between words."""

    senones: list[int]
    stay: list[float]
    step: list[float]
    """Nats from the state before; of the first state from other sound."""
    skips: list[tuple[int, int, float]]
    """Steps over silences: the state, the state before the silence, and the cost in nats."""
    leave: float
    """Nats to leave the last state."""


def _sentence(words: Sequence[Phones], model: AcousticModel) -> _Sentence:
    """Builds the states of a sentence from the phones of its words."""
    made = _Sentence([], [], [], [], 0.0)
    phones = [(name, at) for at, word in enumerate(words) for name in word]
    silence = model.triphone(SILENCE, SILENCE, SILENCE, SINGLE)
    leaving = ENTER
    for at, (name, word) in enumerate(phones):
        first = at == 0 or phones[at - 1][1] != word
        last = at + 1 == len(phones) or phones[at + 1][1] != word
        place = SINGLE if first and last else BEGIN if first else END if last else INSIDE
        left = phones[at - 1][0] if at else SILENCE
        right = phones[at + 1][0] if at + 1 < len(phones) else SILENCE
        if first and at:
            before = len(made.senones) - 1
            skipped = leaving
            leaving = _append(made, silence, leaving + PAUSE)
            made.skips.append((len(made.senones), before, skipped))
        leaving = _append(made, model.triphone(name, left, right, place), leaving)
    return _Sentence(made.senones, made.stay, made.step, made.skips, leaving)


def _append(made: _Sentence, phone: Triphone, step: float) -> float:
    """Appends the states of a phone; returns the cost of leaving it."""
    made.senones.extend(phone.senones)
    made.stay.extend(phone.stay)
    made.step.extend([step, *phone.leave[:-1]])
    return float(phone.leave[-1])


class _Network:
    """The states of all sentences, one after the other."""

    def __init__(self, sentences: Sequence[_Sentence]) -> None:
        sizes = [len(one.senones) for one in sentences]
        self.firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
        self.lasts = (np.cumsum(sizes) - 1).astype(np.intp)
        every = np.concatenate([np.array(one.senones, np.int32) for one in sentences])
        self.senones, self.columns = np.unique(every, return_inverse=True)
        self.stay = np.concatenate([np.array(one.stay, np.float32) for one in sentences])
        self.step = np.concatenate([np.array(one.step, np.float32) for one in sentences])
        self.leave = np.array([one.leave for one in sentences], np.float32)
        skips = [
            (first + to, first + before, cost)
            for first, one in zip(self.firsts.tolist(), sentences, strict=True)
            for to, before, cost in one.skips
        ]
        self.skip_to = np.array([to for to, _, _ in skips], np.intp)
        self.skip_from = np.array([before for _, before, _ in skips], np.intp)
        self.skip_cost = np.array([cost for _, _, cost in skips], np.float32)


def _search(network: _Network, frames: Frames, model: AcousticModel) -> list[tuple[int, Span]]:
    """Returns the sentences on the likeliest path, and when they are spoken, in order."""
    trace: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = []
    beam = _Beam(network)
    for fits, other in _scores(network, frames, model):
        for frame, free in zip(fits[:, network.columns], other, strict=True):
            trace.append(beam.advance(frame, free))
    return list(reversed(list(_traced(trace, beam.others))))


def _scores(
    network: _Network, frames: Frames, model: AcousticModel
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Yields how well senones, and other sound, fit some frames, in nats below the best phone."""
    quiet = np.array(model.triphone(SILENCE, SILENCE, SILENCE, SINGLE).senones, np.int32)
    every = np.unique(np.concatenate([network.senones, model.plain_senones, quiet]))
    wanted, plain, silent = (
        np.searchsorted(every, some) for some in (network.senones, model.plain_senones, quiet)
    )
    for first in range(0, len(frames), BLOCK):
        fits = model.senone_scores(frames[first : first + BLOCK], every)
        fits -= fits[:, plain].max(axis=1)[:, None]
        yield fits[:, wanted], np.maximum(fits[:, silent].max(axis=1), np.float32(-DELTA))


class _Beam:
    """The scores of all states in one frame, and the frame in which each path entered its sentence.

    There is other sound before the first sentence and after each: of these states one is kept for
    each place in the chain.
    """

    def __init__(self, network: _Network) -> None:
        self.network = network
        count = len(network.stay)
        self.scores = np.full(count, NEVER, np.float32)
        self.entered = np.zeros(count, np.int32)
        self.others = np.zeros(len(network.firsts) + 1, np.float32)
        self.frame = 0

    def advance(
        self, fits: NDArray[np.float32], free: np.float32
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Goes on by one frame.

        Returns for each place of other sound the place that its path comes from, and the frame in
        which the sentence between them was entered; -1 where there is none.
        """
        net = self.network
        came = np.full(len(self.scores), NEVER, np.float32)
        entered = np.zeros(len(self.scores), np.int32)
        came[1:] = self.scores[:-1] + net.step[1:]
        entered[1:] = self.entered[:-1]
        skipped = self.scores[net.skip_from] + net.skip_cost
        better = skipped > came[net.skip_to]
        came[net.skip_to[better]] = skipped[better]
        entered[net.skip_to[better]] = self.entered[net.skip_from[better]]
        came[net.firsts] = self.others[:-1] + net.step[net.firsts]
        entered[net.firsts] = self.frame
        ends = self.scores[net.lasts] + net.leave
        ends_entered = self.entered[net.lasts]
        stayed = self.scores + net.stay
        moved = came > stayed
        self.scores = np.where(moved, came, stayed) + fits
        self.entered = np.where(moved, entered, self.entered)
        self.frame += 1
        return self._other_sound(ends, ends_entered, free)

    def _other_sound(
        self, ends: NDArray[np.float32], entered: NDArray[np.int32], free: np.float32
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Goes on by one frame in the states of other sound, past any sentences left out."""
        stayed = self.others + np.float32(REMAIN)
        arrived = stayed.copy()
        came = np.full(len(stayed), -1, np.int32)
        better = ends > stayed[1:]
        arrived[1:][better] = ends[better]
        came[1:][better] = entered[better]
        best = np.maximum.accumulate(arrived)
        places = np.maximum.accumulate(
            np.where(arrived >= best, np.arange(len(best), dtype=np.int32), 0)
        ).astype(np.int32)
        self.others = best + free
        return places, came[places]


def _traced(
    trace: Sequence[tuple[NDArray[np.int32], NDArray[np.int32]]], others: NDArray[np.float32]
) -> Iterator[tuple[int, Span]]:
    """Yields the sentences on the likeliest path, from the last to the first."""
    place, frame = len(others) - 1, len(trace) - 1
    while frame >= 0:
        places, entered = trace[frame]
        began = int(entered[place])
        place = int(places[place])
        if began >= 0:
            yield place - 1, Span(began * FRAME_MS, frame * FRAME_MS)
            place, frame = place - 1, began - 1
        else:
            frame -= 1
