"""The acoustic model of English of CMU Sphinx: phones, and how well they fit a sound.

Its phones are told apart by their neighbours and their place in a word (triphones), have three
states each, and share 5,126 *senones*: what a state sounds like. A senone is a mixture of the 128
Gaussians that its phone has in each of three streams (cepstra, slopes, bends): "phonetically tied
mixtures" (Lee, Kawahara, Takeda and Shikano 2000). Files are read as sphinxbase wrote them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.acoustic.blocked_matmul import ROWS
from aligner.alignment.acoustic.lexicon import MODEL
from aligner.alignment.acoustic.mfcc import TERMS, Frames

NEVER = np.float32(-np.inf)
STATES = 3
PLACES = 4
INSIDE, BEGIN, END, SINGLE = range(PLACES)
"""Places of a phone in its word."""
STREAMS = 3
LEAST_VARIANCE = 1e-4
SENDUMP_LOG_STEP = 1024 * float(np.log(1.0001))
"""Nats to a step of the mixtures' weights."""
FLOOR = 96 * SENDUMP_LOG_STEP
"""Nats by which any Gaussian may lie below the best one in a stream: what is still further off is
as far, for it depends on the noise alone."""
CHUNK = 128
"""Frames that are compared at a time."""

Senones = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Triphone:
    """A phone among its neighbours."""

    name: str
    senones: tuple[int, int, int]
    """What its states sound like."""
    stay: tuple[float, float, float]
    leave: tuple[float, float, float]
    """Nats, for each state: to stay another frame, and to go on."""


@dataclass(frozen=True)
class AcousticModel:
    """The model, as it is on disk."""

    names: dict[str, int]
    """The phones themselves, without neighbours."""
    tree: NDArray[Any]
    """Place, phone, the one before, the one after -> triphone; a level for each."""
    phones: NDArray[Any]
    """For each triphone: which senones, which transitions."""
    sequences: Senones
    """Shape (n, states)."""
    transitions: NDArray[np.float64]
    """Probabilities, shape (phones, states, states + 1)."""
    gaussians: Frames
    """Shape (streams, phones, 2 * terms + 1, 128): a frame's terms, their squares and 1, times
    this, are the log likelihoods, in nats."""
    weights: NDArray[np.uint8]
    """Of the mixtures, shape (streams, 128, senones): so many UNITs below certainty."""

    @cached_property
    def triphone(self) -> Callable[[str, str, str, int], Triphone]:
        """Returns a phone by its name, the phones before and after it and its place in the word.

        Results are cached: a text has few different triphones. Silence is the same everywhere.
        """
        return cache(self._read_triphone)

    def _read_triphone(self, name: str, before: str, after: str, place: int) -> Triphone:
        base, *around = (self.names[one] for one in (name, before, after))
        sequence, kind, _ = self.phones[self._number(base, around, place)]
        chances = np.log(np.maximum(self.transitions[kind], 1e-30))
        a, b, c = (int(senone) for senone in self.sequences[sequence])
        stay = chances[0, 0], chances[1, 1], chances[2, 2]
        leave = chances[0, 1], chances[1, 2], chances[2, 3]
        return Triphone(name, (a, b, c), stay, leave)

    def _number(self, base: int, around: list[int], place: int) -> int:
        """The number of a triphone; of one at another place in its word, if it is not listed."""
        places = (place, *(p for p in (INSIDE, BEGIN, END, SINGLE) if p != place))
        found = (self._listed((p, base, *around)) for p in places)
        return next((number for number in found if number is not None), base)

    def _listed(self, path: tuple[int, ...]) -> int | None:
        first, last = 0, PLACES
        for name in path:
            try:
                at = self._names.index(name, first, last)
            except ValueError:
                return None
            _, count, goal = self.tree[at].item()
            if not count:
                return goal if goal >= 0 else None
            first, last = goal, goal + count
        return None

    @cached_property
    def _names(self) -> list[int]:
        """Of the tree's branches; numpy takes ten times as long to look through a few of them."""
        names: list[int] = self.tree["name"].tolist()
        return names

    @cached_property
    def _owners(self) -> Senones:
        """For each senone the phone whose Gaussians it mixes."""
        owners = np.zeros(self.weights.shape[2], np.int32)
        owners[self.sequences[self.phones["sequence"]].T] = self.phones["kind"]
        return owners

    @cached_property
    def _shares(self) -> Frames:
        """The mixtures' weights by their steps."""
        shares: Frames = np.exp(-SENDUMP_LOG_STEP * np.arange(256)).astype(np.float32)
        return shares

    def fits(self, frames: Frames, senones: Senones) -> Frames:
        """Frames, shape (n, 39) -> how well some senones fit each, in nats; shape (n, senones).

        In each stream relative to the best Gaussian of all phones, so that it is the same whatever
        senones are asked for.
        """
        order = np.argsort(self._owners[senones], kind="stable")
        owners, firsts = np.unique(self._owners[senones[order]], return_index=True)
        groups = np.split(order, firsts[1:])
        shares = [
            [self._shares[weights[:, senones[at]]] for at in groups] for weights in self.weights
        ]
        others = np.setdiff1d(np.arange(len(self.names)), owners)
        own, rest = self.gaussians[:, owners, None], self.gaussians[:, others, None]
        found = np.empty((len(frames), len(senones)), np.float32)
        for first in range(0, len(frames), CHUNK):
            some = frames[first : first + CHUNK]
            likely = np.ones((1, len(senones)), np.float32)
            for stream in range(STREAMS):
                near = _near(some, stream, own[stream], rest[stream])
                mixed = [each @ share for each, share in zip(near, shares[stream], strict=True)]
                likely = np.concatenate(mixed, axis=-1) * likely
            found[first : first + CHUNK, order] = np.log(
                likely.reshape(-1, len(senones))[: len(some)]
            )
        return found


def _near(frames: Frames, stream: int, own: Frames, rest: Frames) -> Frames:
    """Likelihoods of some phones' Gaussians; shape (phones, n / ROWS, ROWS, 128).

    By the best one of these and of all the ``rest``.
    """
    terms = frames[:, stream * TERMS : (stream + 1) * TERMS]
    parts = -(-len(terms) // ROWS)
    factors = np.ones((parts, ROWS, 2 * TERMS + 1), np.float32)
    flat = factors.reshape(parts * ROWS, -1)
    flat[: len(terms), :TERMS] = terms
    flat[: len(terms), TERMS:-1] = terms**2
    near: Frames = factors @ own
    best = np.maximum(near.max(axis=0), (factors @ rest).max(axis=0, initial=-np.inf))
    near -= best.max(axis=-1)[..., None]
    np.maximum(near, np.float32(-FLOOR), out=near)
    return np.asarray(np.exp(near, out=near))


@cache
def acoustics() -> AcousticModel:
    """The model, read once."""
    folder = MODEL
    means, variances = (
        _floats((folder / name).read_bytes(), heads=6).reshape(-1, STREAMS, 128, TERMS)
        for name in ("means", "variances")
    )
    names, tree, phones, sequences = _phones((folder / "mdef").read_bytes())
    chances = _floats((folder / "transition_matrices").read_bytes(), heads=3)
    chances = chances.reshape(-1, STATES, STATES + 1).astype(np.float64)
    return AcousticModel(
        names,
        tree,
        phones,
        sequences,
        chances / chances.sum(axis=-1, keepdims=True),
        _gaussians(means.astype(np.float64), variances.astype(np.float64)),
        _weights((folder / "sendump").read_bytes()),
    )


def _gaussians(means: NDArray[np.float64], variances: NDArray[np.float64]) -> Frames:
    """Shape (phones, streams, 128, terms) -> factors, see ``AcousticModel.gaussians``."""
    variances = np.maximum(variances, LEAST_VARIANCE)
    narrow = 1 / (2 * variances)
    constant = (-0.5 * np.log(2 * np.pi * variances) - means**2 * narrow).sum(axis=-1)
    factors = np.concatenate([2 * means * narrow, -narrow, constant[..., None]], axis=-1)
    return np.ascontiguousarray(factors.transpose(1, 0, 3, 2), dtype=np.float32)


def _floats(data: bytes, heads: int) -> Frames:
    """The numbers of a file of Gaussians or transitions, after its own text and header."""
    end = b"endhdr\n"
    at = data.index(end) + len(end) + 4 * (1 + heads)
    (count,) = struct.unpack_from("<i", data, at)
    return np.frombuffer(data, "<f4", count, at + 4)


def _phones(data: bytes) -> tuple[dict[str, int], NDArray[Any], NDArray[Any], Senones]:
    """The file of phones: their names, the tree of triphones, these, and sequences of senones."""
    (length,) = struct.unpack_from("<i", data, 8)
    at = 12 + length
    count, triphones, _, _, _, _, sequences, _, branches, _ = struct.unpack_from("<10i", data, at)
    at += 40
    names = {}
    for number in range(count):
        end = data.index(b"\0", at)
        names[data[at:end].decode("ascii")] = number
        at = end + 1
    at += -at % 4
    branch = np.dtype([("name", "<i2"), ("count", "<i2"), ("goal", "<i4")])
    phone = np.dtype([("sequence", "<i4"), ("kind", "<i4"), ("place", "i1", 4)])
    tree = np.frombuffer(data, branch, branches, at)
    at += tree.nbytes
    listed = np.frombuffer(data, phone, triphones, at)
    at += listed.nbytes + 4
    senones = np.frombuffer(data, "<i2", sequences * STATES, at).reshape(-1, STATES)
    return names, tree, listed, senones.astype(np.int32)


def _weights(data: bytes) -> NDArray[np.uint8]:
    """The mixtures' weights, after lines of text that end with an empty one."""
    *_, at = _after_text(data)
    count, senones = struct.unpack_from("<2i", data, at)
    weights = np.frombuffer(data, np.uint8, STREAMS * count * senones, at + 8)
    return weights.reshape(STREAMS, count, senones)


def _after_text(data: bytes) -> Iterator[int]:
    """Where each line of text ends, each with its length before it."""
    at, length = 0, 1
    while length:
        (length,) = struct.unpack_from("<i", data, at)
        at += 4 + length
        yield at
