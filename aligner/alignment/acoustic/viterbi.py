"""Finds the likeliest path of a sound through an alignment graph (Viterbi 1967).

Several graphs are searched at once, which takes hardly longer than one, as most of the time is the
overhead of numpy calls. Each result is the same as alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.acoustic.graph import START, AlignmentGraph
from aligner.alignment.acoustic.model import NEVER


@dataclass(frozen=True, slots=True)
class Path:
    """The likeliest path of a sound through an alignment graph."""

    states: NDArray[np.int32]
    """One for each frame."""
    logs: NDArray[np.float32]
    """Log likelihood of each frame, in nats."""

    @property
    def log(self) -> float:
        """Log likelihood in nats."""
        return float(self.logs.sum())

    @property
    def per_frame(self) -> float:
        """Nats per frame, which is comparable between sounds of different lengths."""
        return self.log / len(self.states)


@dataclass(frozen=True, slots=True)
class ViterbiInput:
    """An alignment graph, and the log likelihoods of its states in each frame of a sound."""

    graph: AlignmentGraph
    emissions: NDArray[np.float32]
    """Log likelihoods of senones in the frames of the sound, in nats; shape (frames, senones)."""
    columns: NDArray[np.intp]
    """For each state of the graph the column of its senone."""

    def __len__(self) -> int:
        """Frames."""
        return len(self.emissions)

    @property
    def mean_emission(self) -> float:
        """The mean log likelihood of all states of the graph, in nats per frame."""
        return float(self.emissions.mean(axis=0)[self.columns].mean())


def paths(tasks: Sequence[ViterbiInput]) -> list[Path | None]:
    """Returns the likeliest path of each input; None if the sound is too short for any path."""
    if not tasks:
        return []
    order = sorted(range(len(tasks)), key=lambda at: -len(tasks[at]))
    found: list[Path | None] = [None] * len(tasks)
    for at, score in zip(order, _scored([tasks[at] for at in order]), strict=True):
        found[at] = _traced(tasks[at].graph, score)
    return found


def _scored(tasks: Sequence[ViterbiInput]) -> list[NDArray[np.float32]]:
    """Returns for each frame and state the log likelihood of the best path up to it, in nats.

    The longest sounds come first.
    """
    ends = np.cumsum([0, *(len(task.columns) for task in tasks)])
    spans = [slice(*pair) for pair in pairwise(ends.tolist())]
    graphs = [task.graph for task in tasks]
    stay = np.concatenate([one.stay for one in graphs])
    step = np.concatenate([one.step for one in graphs])
    entries, before, costs = _entries(graphs, ends)
    every = np.empty((len(tasks[0]), len(stay)), np.float32)
    for task, span in zip(tasks, spans, strict=True):
        every[: len(task), span] = task.emissions[:, task.columns]
    nowhere, start = len(stay), len(stay) + 1
    before[before < 0] += start + 1
    scores = np.full(start + 1, NEVER)
    scores[start] = 0.0
    came = np.full(len(stay), NEVER)
    alive = len(tasks)
    for frame, emissions in enumerate(every):
        while len(tasks[alive - 1]) <= frame:
            alive -= 1
        states = int(ends[alive])
        some = int(np.searchsorted(entries, states))
        now, ways = scores[:states], came[:states]
        np.add(scores[: states - 1], step[1:states], out=ways[1:])
        ways[entries[:some]] = (scores[before[:, :some]] + costs[:, :some]).max(axis=0)
        now += stay[:states]
        np.maximum(now, ways, out=now)
        now += emissions[:states]
        emissions[:states] = now
        scores[start] = NEVER
    assert scores[nowhere] == NEVER  # noqa: S101  what missing ways are filled up with
    return [every[: len(task), span] for task, span in zip(tasks, spans, strict=True)]


def _entries(
    graphs: Sequence[AlignmentGraph], ends: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Returns the states with entries, and a column for each: their predecessors and costs.

    From -1: from the start; -2: from nowhere, which fills up the columns.
    """
    listed = [
        (state + offset, [(way + offset if way != START else START, cost) for way, cost in ways])
        for one, offset in zip(graphs, ends.tolist(), strict=False)
        for state, ways in one.entries.items()
    ]
    most = max((len(ways) for _, ways in listed), default=0)
    before = np.full((most, len(listed)), -2)
    costs = np.full((most, len(listed)), NEVER)
    for column, (_, ways) in enumerate(listed):
        for row, (way, cost) in enumerate(ways):
            before[row, column], costs[row, column] = way, cost
    return np.array([state for state, _ in listed], np.intp), before, costs


def _traced(one: AlignmentGraph, scores: NDArray[np.float32]) -> Path | None:
    """Traces the likeliest path from its end to its beginning; None if there is none."""
    if not len(scores):
        return None
    log, state = max((float(scores[-1, state]) + cost, state) for state, cost in one.exits)
    if log == NEVER:
        return None
    states = np.empty(len(scores), np.int32)
    for frame in range(len(scores) - 1, 0, -1):
        states[frame] = state
        earlier = scores[frame - 1]
        stayed = earlier[state] + one.stay[state]
        if state in one.entries:
            ways = ((earlier[w] + cost, w) for w, cost in one.entries[state] if w != START)
            score, way = max(ways, default=(NEVER, START))
        else:
            score, way = earlier[state - 1] + one.step[state], state - 1
        if score > stayed:
            state = way
    states[0] = state
    logs = scores[np.arange(len(scores)), states]
    logs[-1] = log
    return Path(states, np.diff(logs, prepend=np.float32(0)))
