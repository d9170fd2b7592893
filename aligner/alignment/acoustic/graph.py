"""The ways in which words may be said, one after the other -> the states that a path may take.

Between any two words there may be silence. A phone sounds as its neighbours make it, also across
words: the first and the last phone of a word stand in the lattice once for each neighbour that they
may have and that makes a difference.
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
"""Nats that silence between two words costs."""
START = -1
"""Where a path comes from at the beginning."""
NO_WORD = -1


@dataclass(frozen=True, slots=True)
class AlignmentGraph:
    """States of phones, three to each, in an order in which no path goes back."""

    phones: tuple[Triphone, ...]
    words: NDArray[np.int32]
    """For each phone the word that it belongs to; NO_WORD for silence."""
    senones: NDArray[np.int32]
    """For each state."""
    stay: NDArray[np.float32]
    """For each state, in nats."""
    step: NDArray[np.float32]
    """For each state: to come from the one before it; NEVER where no path does."""
    entries: dict[int, list[tuple[int, float]]]
    """For other states: where else a path may come from (a state, or START), in nats."""
    exits: tuple[tuple[int, float], ...]
    """Where a path may end, and what leaving costs."""


def lattice(words: Sequence[Sequence[Phones]], model: AcousticModel) -> AlignmentGraph:
    """For each word the ways in which it may be said, at least one -> all paths through them."""
    builder = _Builder(model)
    going = {first: [_Arc(SILENCE, START)] for first in _firsts(words, 0)}
    builder.pause(going, [_Arc(SILENCE, START)])
    for at in range(len(words)):
        after = (*_firsts(words, at + 1), SILENCE)
        said = [way for phones in words[at] for way in builder.said(at, phones, going, after)]
        going = {}
        for way, heard in said:
            going.setdefault(heard, []).append(way)
        builder.pause(going, going.get(SILENCE, []))
    return builder.made(going[SILENCE])


def _firsts(words: Sequence[Sequence[Phones]], at: int) -> tuple[str, ...]:
    """The phones that a word may begin with; none after the last one."""
    return tuple(dict.fromkeys(way[0] for way in words[at])) if at < len(words) else ()


def _place(at: int, count: int) -> int:
    """A phone's place in a word of so many."""
    if count == 1:
        return SINGLE
    return {0: BEGIN, count - 1: END}.get(at, INSIDE)


@dataclass(frozen=True, slots=True)
class _Arc:
    """A path up to a state, or to the START, and the phone that it has come through."""

    phone: str
    state: int


Going = dict[str, list[_Arc]]
"""By the phone that follows (SILENCE at an end): the ways up to it."""


@dataclass(slots=True)
class _Builder:
    """A lattice, phone by phone."""

    model: AcousticModel
    phones: list[Triphone] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    step: list[float] = field(default_factory=list)
    entries: dict[int, list[tuple[int, float]]] = field(default_factory=dict)

    def pause(self, going: Going, before: Iterable[_Arc]) -> None:
        """Silence after some ways, from which every phone that follows may come, too."""
        phone = self.model.triphone(SILENCE, SILENCE, SILENCE, SINGLE)
        way = self._added(phone, NO_WORD, list(before), PAUSE)
        for following in {*going, SILENCE}:
            going.setdefault(following, []).append(way)

    def said(
        self, word: int, phones: Phones, going: Going, after: Sequence[str]
    ) -> list[tuple[_Arc, str]]:
        """One way to say a word -> the ways through it, each for a phone that may follow."""
        before: Going = {}
        for way in going[phones[0]]:
            before.setdefault(way.phone, []).append(way)
        ways: list[tuple[_Arc, str]] = []
        for at, name in enumerate(phones):
            ways = [
                (self._added(phone, word, came), following)
                for following in phones[at + 1 : at + 2] or after
                for phone, came in self._apart(name, before, following, _place(at, len(phones)))
            ]
            before = {name: [way for way, _ in ways]}
        return ways

    def _apart(
        self, name: str, before: Going, following: str, place: int
    ) -> Iterable[tuple[Triphone, list[_Arc]]]:
        """A phone, once for each sound that those before it make of it, with the ways up to it.

        ``before``: the ways by the phone that they have come through.
        """
        same: dict[tuple[int, int, int], tuple[Triphone, list[_Arc]]] = {}
        for left, ways in before.items():
            phone = self.model.triphone(name, left, following, place)
            same.setdefault(phone.senones, (phone, []))[1].extend(ways)
        return same.values()

    def _added(self, phone: Triphone, word: int, before: Sequence[_Arc], cost: float = 0.0) -> _Arc:
        """A phone after some ways -> the way through it."""
        first = len(self.phones) * STATES
        ways = [(way.state, self._leaving(way.state) + cost) for way in before]
        chained = len(ways) == 1 and ways[0][0] == first - 1 != START
        if not chained:
            self.entries[first] = ways
        self.step += [ways[0][1] if chained else -math.inf, *phone.leave[:-1]]
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
            tuple((way.state, self._leaving(way.state)) for way in last),
        )
