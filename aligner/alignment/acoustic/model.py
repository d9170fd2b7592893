"""The acoustic model of English of CMU Sphinx: a hidden Markov model of triphones.

A triphone is a phone with its two neighbours and its position in the word. It has three states;
all states share 5,126 *senones*, the distributions of feature vectors. A senone is a mixture of
the 128 Gaussians that its phone has in each of three streams (MFCC, their first and their second
differences): "phonetically tied mixtures" (Lee, Kawahara, Takeda and Shikano 2000). The model's
files have the formats of sphinxbase.
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
POSITIONS = 4
INSIDE, BEGIN, END, SINGLE = range(POSITIONS)
"""Positions of a phone in its word."""
STREAMS = 3
LEAST_VARIANCE = 1e-4
SENDUMP_LOG_STEP = 1024 * float(np.log(1.0001))
"""Nats of one step of the mixture weights in the file ``sendump``."""
FLOOR = 96 * SENDUMP_LOG_STEP
"""Most nats by which a Gaussian may lie below the best one of its stream. Lower values are raised,
as they depend on noise alone."""
CHUNK = 128
"""Frames that are scored at a time."""

Senones = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Triphone:
    """A phone with its neighbours, as a chain of three states."""

    name: str
    senones: tuple[int, int, int]
    """The senone of each state."""
    stay: tuple[float, float, float]
    leave: tuple[float, float, float]
    """Log probabilities for each state, in nats: to stay for one more frame, and to leave."""


@dataclass(frozen=True)
class AcousticModel:
    """The parameters of the model as they are on disk, and the scoring of frames."""

    names: dict[str, int]
    """The number of each phone, without neighbours."""
    tree: NDArray[Any]
    """Search tree of triphones, with levels for position, phone, phone before and phone after."""
    phones: NDArray[Any]
    """For each triphone the indices of its senone sequence and of its transitions."""
    sequences: Senones
    """Senones of the states; shape (n, states)."""
    transitions: NDArray[np.float64]
    """Probabilities, shape (phones, states, states + 1)."""
    gaussians: Frames
    """Shape (streams, phones, 2 * terms + 1, 128). The product of a frame's terms, their squares
    and 1 with these factors is the log likelihood of each Gaussian, in nats."""
    weights: NDArray[np.uint8]
    """Mixture weights, shape (streams, 128, senones): the negative log in ``SENDUMP_LOG_STEP``."""

    @cached_property
    def triphone(self) -> Callable[[str, str, str, int], Triphone]:
        """Returns a phone by its name, the phones before and after it and its place in the word.

        Results are cached: a text has few different triphones. Silence is the same everywhere.
        """
        return cache(self._read_triphone)

    def _read_triphone(self, name: str, before: str, after: str, place: int) -> Triphone:
        base, *around = (self.names[one] for one in (name, before, after))
        sequence, kind, _ = self.phones[self._number(base, around, place)]
        probabilities = np.log(np.maximum(self.transitions[kind], 1e-30))
        a, b, c = (int(senone) for senone in self.sequences[sequence])
        stay = probabilities[0, 0], probabilities[1, 1], probabilities[2, 2]
        leave = probabilities[0, 1], probabilities[1, 2], probabilities[2, 3]
        return Triphone(name, (a, b, c), stay, leave)

    def _number(self, base: int, around: list[int], place: int) -> int:
        """Returns the number of a triphone.

        If it is not listed, that of the same triphone at another position; else that of the phone.
        """
        places = (place, *(p for p in (INSIDE, BEGIN, END, SINGLE) if p != place))
        found = (self._listed((p, base, *around)) for p in places)
        return next((number for number in found if number is not None), base)

    def _listed(self, path: tuple[int, ...]) -> int | None:
        first, last = 0, POSITIONS
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
        """The names of the tree's branches. A search in a list is ten times as fast as in numpy."""
        names: list[int] = self.tree["name"].tolist()
        return names

    @cached_property
    def _owners(self) -> Senones:
        """For each senone the phone whose Gaussians it uses."""
        owners = np.zeros(self.weights.shape[2], np.int32)
        owners[self.sequences[self.phones["sequence"]].T] = self.phones["kind"]
        return owners

    @cached_property
    def senone_states(self) -> Senones:
        """For each senone the number of its phone's state: ``STATES`` times the phone, and more."""
        states = np.zeros(self.weights.shape[2], np.int32)
        for at in range(STATES):
            states[self.sequences[:, at]] = at
        return self._owners * STATES + states

    @cached_property
    def _mixture_weights(self) -> Frames:
        """The mixture weight for each value of ``weights``."""
        shares: Frames = np.exp(-SENDUMP_LOG_STEP * np.arange(256)).astype(np.float32)
        return shares

    def senone_scores(self, frames: Frames, senones: Senones) -> Frames:
        """Returns the log likelihood of each senone in each frame, in nats; shape (n, senones).

        ``frames`` has the shape (n, 39). Likelihoods of a stream are relative to the best Gaussian
        of all phones, so that the score of a senone does not depend on the other senones given.
        """
        order = np.argsort(self._owners[senones], kind="stable")
        owners, firsts = np.unique(self._owners[senones[order]], return_index=True)
        groups = np.split(order, firsts[1:])
        shares = [
            [self._mixture_weights[weights[:, senones[at]]] for at in groups]
            for weights in self.weights
        ]
        others = np.setdiff1d(np.arange(len(self.names)), owners)
        own, rest = self.gaussians[:, owners, None], self.gaussians[:, others, None]
        found = np.empty((len(frames), len(senones)), np.float32)
        for first in range(0, len(frames), CHUNK):
            some = frames[first : first + CHUNK]
            likely = np.ones((1, len(senones)), np.float32)
            for stream in range(STREAMS):
                near = _gaussian_likelihoods(some, stream, own[stream], rest[stream])
                mixed = [each @ share for each, share in zip(near, shares[stream], strict=True)]
                likely = np.concatenate(mixed, axis=-1) * likely
            found[first : first + CHUNK, order] = np.log(
                likely.reshape(-1, len(senones))[: len(some)]
            )
        return found

    def mean_mixture_weights(self) -> NDArray[np.float64]:
        """Returns the mean weight of each Gaussian in its phone's senones; shape (phones, 128).

        The first stream counts. Each row's sum is 1, or 0 for a phone without senones.
        """
        found = np.zeros((len(self.names), self.weights.shape[1]))
        for phone in range(len(found)):
            senones = np.flatnonzero(self._owners == phone)
            if len(senones):
                found[phone] = self._mixture_weights[self.weights[0][:, senones]].mean(axis=1)
                found[phone] /= found[phone].sum()
        return found

    def best_phone(self, frames: Frames) -> Frames:
        """Returns how well the best phone fits each frame, in nats, whatever is said in it."""
        best: Frames = self.senone_scores(frames, self.plain_senones).max(axis=1)
        return best

    @cached_property
    def plain_senones(self) -> Senones:
        """The senones of all phones without neighbours; noises ("+BREATH+") are left out."""
        phones = [self.phones[at] for name, at in self.names.items() if name[0] != "+"]
        return np.unique(self.sequences[[phone["sequence"] for phone in phones]])


def _gaussian_likelihoods(frames: Frames, stream: int, own: Frames, rest: Frames) -> Frames:
    """Returns the likelihoods of Gaussians of one stream; shape (phones, n / ROWS, ROWS, 128).

    ``own``: the Gaussians of some phones. ``rest``: those of all other phones. The likelihoods are
    relative to the best Gaussian of either.
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


@dataclass(frozen=True, slots=True)
class Gaussians:
    """Means and variances of the Gaussians; shape (phones, streams, 128, terms)."""

    means: NDArray[np.float64]
    variances: NDArray[np.float64]


def gaussians() -> Gaussians:
    """Reads the means and variances of the acoustic model."""
    means, variances = (
        _floats((MODEL / name).read_bytes(), heads=6).reshape(-1, STREAMS, 128, TERMS)
        for name in ("means", "variances")
    )
    return Gaussians(means.astype(np.float64), variances.astype(np.float64))


@cache
def acoustics() -> AcousticModel:
    """Reads the acoustic model; later calls return the same object."""
    folder = MODEL
    read = gaussians()
    names, tree, phones, sequences = _phones((folder / "mdef").read_bytes())
    probabilities = _floats((folder / "transition_matrices").read_bytes(), heads=3)
    probabilities = probabilities.reshape(-1, STATES, STATES + 1).astype(np.float64)
    return AcousticModel(
        names,
        tree,
        phones,
        sequences,
        probabilities / probabilities.sum(axis=-1, keepdims=True),
        gaussian_factors(read.means, read.variances),
        _weights((folder / "sendump").read_bytes()),
    )


def gaussian_factors(means: NDArray[np.float64], variances: NDArray[np.float64]) -> Frames:
    """Returns ``AcousticModel.gaussians`` from arrays of shape (phones, streams, 128, terms)."""
    variances = np.maximum(variances, LEAST_VARIANCE)
    narrow = 1 / (2 * variances)
    constant = (-0.5 * np.log(2 * np.pi * variances) - means**2 * narrow).sum(axis=-1)
    factors = np.concatenate([2 * means * narrow, -narrow, constant[..., None]], axis=-1)
    return np.ascontiguousarray(factors.transpose(1, 0, 3, 2), dtype=np.float32)


def _floats(data: bytes, heads: int) -> Frames:
    """Reads the numbers of a file of Gaussians or transitions.

    ``heads``: the number of integers before the count of values.
    """
    end = b"endhdr\n"
    at = data.index(end) + len(end) + 4 * (1 + heads)
    (count,) = struct.unpack_from("<i", data, at)
    return np.frombuffer(data, "<f4", count, at + 4)


def _phones(data: bytes) -> tuple[dict[str, int], NDArray[Any], NDArray[Any], Senones]:
    """Reads the model definition: phone numbers, triphone tree, triphones, senone sequences."""
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
    """Reads the mixture weights, which follow lines of text."""
    *_, at = _after_text(data)
    count, senones = struct.unpack_from("<2i", data, at)
    weights = np.frombuffer(data, np.uint8, STREAMS * count * senones, at + 8)
    return weights.reshape(STREAMS, count, senones)


def _after_text(data: bytes) -> Iterator[int]:
    """Yields the end of each line of text. Its length precedes a line; the last line is empty."""
    at, length = 0, 1
    while length:
        (length,) = struct.unpack_from("<i", data, at)
        at += 4 + length
        yield at
