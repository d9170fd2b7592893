"""Change the line breaks of a cue so that its lines fit a profile."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import accumulate, combinations, pairwise

from aligner.captions.cell_width import cell_width
from aligner.captions.profiles import Profile

_TOKEN = re.compile(r"(?:<[^<>]*>|\{\\[^{}]*\}|[^ \t<{]|[<{])+")
"""A word with the tags that touch it; a tag may have spaces in it, and no line breaks at a no-break
space."""
_SPEAKER = re.compile(r"\s*(?:[-–—]|>>|&gt;&gt;)")
_MARKS = tuple(",.;:!?…—–，。；：！？、،؛؟")
UNBALANCED = 2
"""A break that is not after a mark weighs as much as so many cells of difference in length."""

Plain = Callable[[str], str]
"""Returns a line of a file as it is shown."""


def rebroken(raw: Sequence[str], plain: Plain, profile: Profile) -> tuple[str, ...] | None:
    """Returns a cue's lines with other breaks; None if they fit, or cannot be made to fit.

    Lines that begin with a speaker's dash stay as they are, for the breaks separate the speakers.
    """
    shown = [line for line in map(plain, raw) if line.strip()]
    if len(shown) <= profile.max_lines and _fit(shown, profile):
        return None
    if any(_SPEAKER.match(line) for line in shown):
        return None
    tokens = [token for line in raw for token in _TOKEN.findall(line)]
    widths = [cell_width(plain(token)) for token in tokens]
    ends = list(accumulate(width + 1 for width in widths))
    for count in range(1, profile.max_lines + 1):
        if best := _best(tokens, ends, count, profile):
            return best
    return None


def _fit(lines: Sequence[str], profile: Profile) -> bool:
    return all(cell_width(line.strip()) <= profile.max_line_chars for line in lines)


def _best(
    tokens: Sequence[str], ends: Sequence[int], count: int, profile: Profile
) -> tuple[str, ...] | None:
    """Returns the best division of words into ``count`` lines; None if they do not fit."""
    if not tokens or ends[-1] > count * (profile.max_line_chars + 1):
        return None
    least: tuple[float, tuple[int, ...]] | None = None
    for cuts in combinations(range(1, len(tokens)), count - 1):
        places = (0, *cuts, len(tokens))
        lengths = [ends[b - 1] - (ends[a - 1] if a else 0) - 1 for a, b in pairwise(places)]
        if max(lengths) > profile.max_line_chars:
            continue
        cost = float(max(lengths) - min(lengths))
        cost += sum(UNBALANCED for cut in cuts if not tokens[cut - 1].endswith(_MARKS))
        if profile.bottom_heavy and lengths[0] > lengths[-1]:
            cost += 1
        if least is None or cost < least[0]:
            least = cost, places
    if least is None:
        return None
    places = least[1]
    return tuple(" ".join(tokens[a:b]) for a, b in pairwise(places))
