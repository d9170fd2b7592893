"""Borders where the sound changes, and gaps that are no part of a word."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from speech import RATE

from aligner.alignment.acoustic import boundary_refinement


def sound(*parts: tuple[int, float]) -> NDArray[np.int16]:
    """Stretches of noise: milliseconds, and dB below full scale."""
    chance = np.random.default_rng(3)
    each = (chance.normal(0, 8000 * 10 ** (-db / 20), ms * RATE // 1000) for ms, db in parts)
    return np.concatenate(list(each)).astype(np.int16)


BEFORE, GAP, WORD = (300, 10.0), (60, 70.0), (300, 10.0)
"""A word's end, 60 ms of silence, another word; before and after them a pause."""
PAUSE = (400, 80.0)


@pytest.mark.parametrize(
    ("gap", "phone", "begins"),
    [
        pytest.param(GAP, "W", 760, id="a gap is no part of a word"),
        pytest.param(GAP, "M", 760, id="nor of one that begins softly"),
        pytest.param(GAP, "K", 700, id="a plosive begins with its closure"),
        pytest.param(GAP, "F", 700, id="a hiss may be as soft as a gap"),
        pytest.param((60, 30.0), "W", 700, id="soft sounds between words are no gap"),
        pytest.param((60, 45.0), "W", 700, id="nor are those that a pause is far below"),
        pytest.param((290, 70.0), "W", 990, id="a long one is as well"),
    ],
)
def test_a_word_begins_after_a_gap(gap: tuple[int, float], phone: str, begins: int) -> None:
    """The model has the second word begin with the gap, at 700 ms."""
    looked_at = boundary_refinement.spectral_flux(sound(PAUSE, BEFORE, gap, WORD, PAUSE))
    found = boundary_refinement.after_gap(looked_at, 700, 700 + gap[0] + WORD[0], phone)
    assert found == pytest.approx(begins, abs=8)


@pytest.mark.parametrize("noise", [24.0, 28.0])
def test_continuous_noise_is_no_gap(noise: float) -> None:
    looked_at = boundary_refinement.spectral_flux(
        sound((400, noise), BEFORE, (60, noise), WORD, (400, noise))
    )
    assert boundary_refinement.after_gap(looked_at, 700, 1060, "W") == 700


def test_a_silent_word_keeps_its_start() -> None:
    looked_at = boundary_refinement.spectral_flux(sound(PAUSE, BEFORE, PAUSE))
    assert boundary_refinement.after_gap(looked_at, 700, 900, "W") == 700


def test_silence_has_a_level_and_no_spectral_change() -> None:
    found = boundary_refinement.spectral_flux(np.zeros(RATE, np.int16))
    assert np.isfinite(found.level).all()
    assert not found.change.any()


def test_a_boundary_moves_to_the_strongest_change() -> None:
    found = boundary_refinement.spectral_flux(sound((300, 60.0), (300, 10.0)))
    assert boundary_refinement.nearest(found.change, 285) == pytest.approx(300, abs=6)
    assert boundary_refinement.nearest(found.change, 150) == pytest.approx(150, abs=40)
