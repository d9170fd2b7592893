"""Cues end when they are spoken and read, by a profile."""

from __future__ import annotations

import pytest

from aligner.captions.profiles import PROFILES
from aligner.captions.retiming.out_times import SpokenCue, out_times

NETFLIX = PROFILES["netflix"].for_language("en")


@pytest.mark.parametrize(
    ("cues", "ends"),
    [
        ([(0, 3_000, "twenty characters ab")], [3_000]),  # until it is spoken
        ([(0, 500, "to be read for two seconds and more now!")], [2_000]),  # 40 at 20 a second
        ([(0, 100, "short")], [834]),  # the shortest duration
        ([(0, 1_000, "one"), (1_300, 2_300, "two")], [1_220, 2_300]),  # chained: two frames
        ([(0, 1_000, "one"), (5_000, 6_000, "two")], [1_000, 6_000]),
        ([(0, 30_000, "long")], [7_000]),  # the longest duration
        ([(59_500, 59_800, "at the end")], [60_000]),  # the end of the recording
        ([(0, 900, "one"), (10, 950, "two")], [10, 950]),  # no room for a gap
    ],
)
def test_ends(cues: list[tuple[int, int, str]], ends: list[int]) -> None:
    spoken = [SpokenCue(start, end, (text,)) for start, end, text in cues]
    assert [span.end for span in out_times(spoken, NETFLIX, 60_000)] == ends


def test_cues_shown_together_stay_together() -> None:
    spoken = [SpokenCue(0, 1_000, ("one",), 800), SpokenCue(1_200, 2_200, ("two",))]
    assert [span.end for span in out_times(spoken, NETFLIX, 60_000)] == [2_000, 2_200]
