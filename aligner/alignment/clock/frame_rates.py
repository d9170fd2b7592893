"""The ratios between usual frame rates: a file made at one rate drifts against another.

A recording of 23.976 frames a second that is played at 25 is shorter by their ratio; captions that
were made for the one then run ahead of the other.
"""

from __future__ import annotations

from itertools import permutations

RATES = {
    "23.976": 24_000 / 1001,
    "24": 24.0,
    "25": 25.0,
    "29.97": 30_000 / 1001,
    "30": 30.0,
}
"""Frames a second of film, PAL and NTSC, by their usual names."""
SAME = 1e-6
"""Ratios that differ by less are one."""


def _ratios() -> dict[float, str]:
    found: dict[float, str] = {}
    for (one, rate), (other, against) in permutations(RATES.items(), 2):
        ratio = rate / against
        known = next((known for known in found if abs(known - ratio) < SAME), None)
        if known is None:
            found[ratio] = f"{one} against {other}"
        else:
            found[known] += f" or {one} against {other}"
    return found


RATIOS = _ratios()
"""The names of the ratios: the rate at which the file was made, against the recording's."""
