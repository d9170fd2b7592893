"""The options --speakers and --voices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from aligner import defaults

if TYPE_CHECKING:
    from aligner.types import VoiceLimits

MOST = 99
"""Largest number of voices."""


def limits(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> VoiceLimits | None:
    """Returns the limits that "3" or "2-5" stands for; None if the option is not given."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", value.strip())
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= least <= most <= MOST:
        raise click.BadParameter(f"{value}: give a number of voices like 2, or a range like 2-5")
    from aligner.types import VoiceLimits  # not needed for --help

    return VoiceLimits(least, most)


def expect_sense(speakers: str, voices: VoiceLimits | None) -> None:
    """Raise UsageError if there are limits of voices that are not told apart."""
    if speakers == "off" and voices:
        raise click.UsageError("--voices goes with --speakers turns, names or auto")


speakers = click.option(
    "--speakers",
    type=click.Choice(["auto", "off", "turns", "names"]),
    default=defaults.SPEAKERS,
    show_default=True,
    help="Who speaks: turns tells the voices apart and shows where another one begins, names also"
    " names those whom the article or the speech makes certain. Both need the speaker model"
    " (`aligner models fetch campplus`); auto is names where the model is there, else off.",
)
voices = click.option(
    "--voices",
    metavar="N|N-M",
    callback=limits,
    help="How many voices there are, if that is known; needs the speaker model.",
)
