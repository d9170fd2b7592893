"""Builds the alignment graph of a text: the states of all its pronunciations.

There may be silence between any two words. Phones depend on their neighbours, also across words:
the first and the last phone of a word are in the graph once for each possible neighbour that makes
a difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.acoustic.lexicon import Phones
from aligner.alignment.acoustic.model import (
    BEGIN,
    END,
    INSIDE,
    SINGLE,
    STATES,
    AcousticModel,
    Triphone,
)

SILENCE = "SIL"
PAUSE = math.log(0.005)
"""Log probability of silence between two words, in nats."""
START = -1
"""Predecessor of the states at the beginning."""
NO_WORD = -1


@dataclass(frozen=True, slots=True)
class AlignmentGraph:
    """States of phones, three to each, in topological order."""

    phones: tuple[Triphone, ...]
    words: NDArray[np.int32]
    """For each phone the index of its word; NO_WORD for silence."""
    senones: NDArray[np.int32]
    """For each state."""
    stay: NDArray[np.float32]
    """For each state, in nats."""
    step: NDArray[np.float32]
    """For each state, in nats: the step from the state before it; NEVER where there is none."""
    entries: dict[int, list[tuple[int, float]]]
    """For states that other states precede: these (or START), with the cost in nats."""
    exits: tuple[tuple[int, float], ...]
    """The states where a path may end, with the cost of leaving, in nats."""


def build_graph(words: Sequence[Sequence[Phones]], model: AcousticModel) -> AlignmentGraph:
    """Builds the graph of words, each given by its pronunciations (at least one)."""
    builder = _GraphBuilder(model)
    going = {first: [_Arc(SILENCE, START)] for first in _firsts(words, 0)}
    builder.pause(going, [_Arc(SILENCE, START)])
    for at in range(len(words)):
        after = (*_firsts(words, at + 1), SILENCE)
        said = [arc for phones in words[at] for arc in builder.said(at, phones, going, after)]
        going = {}
        for arc, heard in said:
            going.setdefault(heard, []).append(arc)
        builder.pause(going, going.get(SILENCE, []))
    return builder.made(going[SILENCE])


def _firsts(words: Sequence[Sequence[Phones]], at: int) -> tuple[str, ...]:
    """Returns the phones that a word may begin with; none after the last word."""
    return tuple(dict.fromkeys(arc[0] for arc in words[at])) if at < len(words) else ()


def _place(at: int, count: int) -> int:
    """Returns the position class of a phone in a word of ``count`` phones."""
    if count == 1:
        return SINGLE
    return {0: BEGIN, count - 1: END}.get(at, INSIDE)


@dataclass(frozen=True, slots=True)
class _Arc:
    """A path up to a state or to START, and its last phone."""

    phone: str
    state: int


Going = dict[str, list[_Arc]]
"""By the phone that follows (SILENCE at an end): the arcs up to it."""


@dataclass(slots=True)
class _GraphBuilder:
    """Builds a graph phone by phone."""

    model: AcousticModel
    phones: list[Triphone] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    step: list[float] = field(default_factory=list)
    entries: dict[int, list[tuple[int, float]]] = field(default_factory=dict)

    def pause(self, going: Going, before: Iterable[_Arc]) -> None:
        """Adds silence after arcs; every phone that follows may also come from it."""
        phone = self.model.triphone(SILENCE, SILENCE, SILENCE, SINGLE)
        arc = self._added(phone, NO_WORD, list(before), PAUSE)
        for following in {*going, SILENCE}:
            going.setdefault(following, []).append(arc)

    def said(
        self, word: int, phones: Phones, going: Going, after: Sequence[str]
    ) -> list[tuple[_Arc, str]]:
        """Adds a pronunciation of a word; returns its arcs, each with the phone that follows."""
        before: Going = {}
        for arc in going[phones[0]]:
            before.setdefault(arc.phone, []).append(arc)
        arcs: list[tuple[_Arc, str]] = []
        for at, name in enumerate(phones):
            arcs = [
                (self._added(phone, word, came), following)
                for following in phones[at + 1 : at + 2] or after
                for phone, came in self._apart(name, before, following, _place(at, len(phones)))
            ]
            before = {name: [arc for arc, _ in arcs]}
        return arcs

    def _apart(
        self, name: str, before: Going, following: str, place: int
    ) -> Iterable[tuple[Triphone, list[_Arc]]]:
        """Returns the distinct triphones of a phone, each with the arcs that lead to it.

        ``before``: the arcs by their last phone.
        """
        same: dict[tuple[int, int, int], tuple[Triphone, list[_Arc]]] = {}
        for left, arcs in before.items():
            phone = self.model.triphone(name, left, following, place)
            same.setdefault(phone.senones, (phone, []))[1].extend(arcs)
        return same.values()

    def _added(self, phone: Triphone, word: int, before: Sequence[_Arc], cost: float = 0.0) -> _Arc:
        """Adds a phone after arcs; returns the arc through it."""
        first = len(self.phones) * STATES
        arcs = [(arc.state, self._leaving(arc.state) + cost) for arc in before]
        chained = len(arcs) == 1 and arcs[0][0] == first - 1 != START
        if not chained:
            self.entries[first] = arcs
        self.step += [arcs[0][1] if chained else -math.inf, *phone.leave[:-1]]
        self.phones.append(phone)
        self.words.append(word)
        return _Arc(phone.name, first + STATES - 1)

    def _leaving(self, state: int) -> float:
        return 0.0 if state == START else self.phones[state // STATES].leave[-1]

    def made(self, last: Sequence[_Arc]) -> AlignmentGraph:
        return AlignmentGraph(
            tuple(self.phones),
            np.array(self.words, np.int32),
            np.array([phone.senones for phone in self.phones], np.int32).ravel(),
            np.array([phone.stay for phone in self.phones], np.float32).ravel(),
            np.array(self.step, np.float32),
            self.entries,
            tuple((arc.state, self._leaving(arc.state)) for arc in last),
        )
