"""The clock of a caption file is found from cues that are placed by ear, some of them wrongly."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.alignment.clock import CaptionClock, ClockAnchor
from aligner.alignment.clock.fit import fit_clock
from aligner.alignment.clock.frame_rates import RATIOS

SHORT, LONG = 20, 300
"""Cues of a clip of a minute, and of twenty minutes."""
FEW = settings(max_examples=15)


def sounds(count: int, seed: int) -> list[int]:
    """When cues begin in the recording: one every 2 to 6 seconds."""
    chance, at, found = random.Random(seed), 1_500, []  # noqa: S311
    for _ in range(count):
        found.append(at)
        at += chance.randrange(2_000, 6_000)
    return found


def anchors(
    starts: Sequence[int],
    *,
    offset: float = 0,
    ratio: float = 1.0,
    jumps: Sequence[tuple[int, int]] = (),
    noise: int = 0,
    wrong: float = 0.0,
    seed: int = 7,
) -> list[ClockAnchor]:
    """The cues of a file that is to be delayed by ``offset``, and runs ``ratio`` times too fast.

    From each cue of ``jumps`` on, the delay grows by the number with it. A share of ``wrong`` is
    found at another place of the recording.
    """
    chance, found = random.Random(seed), []  # noqa: S311
    for k, sound in enumerate(starts):
        delay = offset + sum(by for at, by in jumps if k >= at)
        heard = sound if chance.random() >= wrong else chance.choice(starts)
        cue = round((sound - delay) / ratio) + chance.randint(-noise, noise)
        found.append(ClockAnchor(cue, heard))
    return found


def fitted(found: Sequence[ClockAnchor]) -> CaptionClock:
    clock = fit_clock(found)
    assert clock
    return clock


def farthest(clock: CaptionClock, found: Sequence[ClockAnchor]) -> float:
    return max(abs(clock.at(anchor.cue_ms, anchor.sound_ms) - anchor.sound_ms) for anchor in found)


def test_without_cues_there_is_no_clock() -> None:
    assert fit_clock([]) is None


def test_a_single_cue_tells_the_offset() -> None:
    assert fitted([ClockAnchor(1_000, 3_500)]).at(2_000) == 4_500


@pytest.mark.parametrize("count", [2, 5, SHORT, LONG])
@FEW
@given(offset=st.integers(-90_000, 90_000), noise=st.integers(0, 80))
def test_an_offset_is_told(count: int, offset: int, noise: int) -> None:
    starts = sounds(count, 1)
    clock = fitted(anchors(starts, offset=offset, noise=noise))
    exact = anchors(starts, offset=offset)
    assert farthest(clock, exact) <= max(40, 2 * noise)
    assert not clock.jumps


@pytest.mark.parametrize("ratio", RATIOS, ids=RATIOS.values())
@pytest.mark.parametrize("noise", [0, 100])
def test_a_drift_between_frame_rates_is_named(ratio: float, noise: int) -> None:
    starts = sounds(LONG, 2)
    clock = fitted(anchors(starts, offset=700, ratio=ratio, noise=noise, wrong=0.05))
    assert clock.rates == RATIOS[ratio]
    assert farthest(clock, anchors(starts, offset=700, ratio=ratio)) <= 40


@FEW
@given(offset=st.integers(-5_000, 5_000), ppm=st.integers(-40_000, 40_000))
def test_any_drift_is_measured(offset: int, ppm: int) -> None:
    ratio, starts = 1 + ppm / 1e6, sounds(LONG, 3)
    clock = fitted(anchors(starts, offset=offset, ratio=ratio, noise=30))
    assert farthest(clock, anchors(starts, offset=offset, ratio=ratio)) <= 40
    assert not clock.jumps


@pytest.mark.parametrize("ratio", [1.0, 25 / 24, 24_000 / 1001 / 25])
@pytest.mark.parametrize("by", [(1_500, 1_500), (60_000, -20_000), (-2_000, -30_000)])
@pytest.mark.parametrize(("first", "second"), [(50, 200), (93, 241)])
def test_jumps_are_found_at_their_cues(
    ratio: float, first: int, second: int, by: tuple[int, int]
) -> None:
    jumps = [(first, by[0]), (second, by[1])]
    starts = sounds(LONG, 4)
    cues = anchors(starts, offset=400, ratio=ratio, jumps=jumps, noise=60)
    clock = fitted(cues)
    assert [starts.index(jump.after.sound_ms) for jump in clock.jumps] == [first, second]
    for jump, move in zip(clock.jumps, by, strict=True):
        assert abs(jump.by_ms - move) <= 60
    assert farthest(clock, anchors(starts, offset=400, ratio=ratio, jumps=jumps)) <= 60


@FEW
@given(st.permutations(range(SHORT)))
def test_the_order_of_the_cues_does_not_matter(order: list[int]) -> None:
    cues = anchors(sounds(SHORT, 5), offset=2_000, noise=50)
    assert fit_clock([cues[k] for k in order]) == fit_clock(cues)


def test_cues_placed_by_ear_show_no_drift_and_no_jump() -> None:
    """Cue starts of people are off by a quarter of a second and more."""
    for seed in range(20):
        clock = fitted(anchors(sounds(60, seed), noise=250, wrong=0.05, seed=seed))
        assert not clock.drifts, seed
        assert not clock.jumps, seed


def test_thirty_thousand_cues_take_seconds() -> None:
    starts = [k * 360 for k in range(30_000)]
    cues = anchors(starts, offset=5_000, ratio=25 / 24, jumps=[(9_000, 20_000)], noise=50)
    clock = fitted(cues)
    assert clock.rates == "25 against 24"
    assert [jump.after.sound_ms for jump in clock.jumps] == [starts[9_000]]
