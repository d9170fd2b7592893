"""Reading takes time in proportion to the length of what is read, whatever it is."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from growth import DENSE, FORMS, Form, at_most, cases
from readers import READERS, is_well

SIZES = tuple(int(size) for size in os.environ.get("ALIGNER_GROWTH", "20000,80000").split(","))
"""Characters. ``ALIGNER_GROWTH=100000,1000000,4000000`` is for a quiet machine."""
MOST = 1.7
"""How much more than in proportion the time may grow; by the square it would be 4 for 4 times."""
SLOW_ONCE = ("<title>", "<figcaption>", "<sup>", "<iframe", "<h1>")
WORST = (*DENSE, *(f for f in FORMS["page"] if f.part.startswith(SLOW_ONCE) or "<sup>" in f.part))
SHORT_S = 0.25
"""Times below this tell nothing of growth."""
LONGEST_S = 8.0
FIRST_S, SECONDS_A_MB = 1.5, 1.0
"""What a page may take: its elements up to the most that are read, and its length."""


def spent_s(name: str, data: bytes, folder: Path) -> float:
    """Returns the processor's time for reading; other programs do not add to it."""
    folder.mkdir()
    began = time.process_time()
    with at_most(LONGEST_S * max(1.0, len(data) / 1e5)):
        is_well(READERS[name], data, folder)
    return time.process_time() - began


def grows_too_fast(times: list[float], sizes: tuple[int, ...]) -> bool:
    """Whether the last time is more than its size's share of an earlier one."""
    return times[-1] > SHORT_S and any(
        times[-1] > MOST * max(before, SHORT_S / 4) * sizes[-1] / size
        for before, size in zip(times[:-1], sizes[:-1], strict=True)
    )


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="timers of POSIX")
@pytest.mark.parametrize(
    ("name", "form"),
    [pytest.param(*c, id=f"{c[0]}: {c[1].head[-20:]}{c[1].part[:20]}") for c in cases()],
)
def test_time_grows_with_the_length(name: str, form: Form, tmp_path: Path) -> None:
    is_well(READERS[name], form.of(2000), tmp_path)  # imports what is imported late
    for attempt in range(2):  # the first may have met the garbage collector
        folder = tmp_path / str(attempt)
        folder.mkdir()
        times = [spent_s(name, form.of(size), folder / str(size)) for size in SIZES]
        if not grows_too_fast(times, SIZES):
            return
    pytest.fail(f"{times} s for {SIZES} characters")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="timers of POSIX")
@pytest.mark.parametrize("form", WORST, ids=lambda form: f"{form.head[-20:]}{form.part[:20]}")
def test_a_page_takes_a_second_a_megabyte(form: Form, tmp_path: Path) -> None:
    is_well(READERS["page"], form.of(2000), tmp_path)
    for attempt in range(3):  # a processor that is shared is slower
        size = max(1_000_000, SIZES[-1])
        took_s = spent_s("page", form.of(size), tmp_path / str(attempt))
        if took_s <= FIRST_S + SECONDS_A_MB * size / 1e6:
            return
    pytest.fail(f"{took_s:.1f} s for {size} characters")


def test_growth_by_the_square_is_seen() -> None:
    assert grows_too_fast([0.1, 1.6], (20_000, 80_000))
    assert not grows_too_fast([0.5, 2.0], (20_000, 80_000))
    assert not grows_too_fast([0.001, 0.2], (20_000, 80_000))
