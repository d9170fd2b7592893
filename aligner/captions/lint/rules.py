"""Check cues against the rules of a profile.

Times are compared in frames of the profile's rate, since standards name them so, and a file that
was timed at another rate rounds otherwise by less than one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aligner.captions.cell_width import cell_width
from aligner.captions.lint.base import ParsedCue
from aligner.captions.profiles import Profile


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """A cue that breaks a rule."""

    cue: int
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The result of one rule for all cues of a file."""

    rule: str
    of: int
    """How many cues the rule applies to."""
    faults: tuple[RuleViolation, ...]

    @property
    def kept(self) -> int:
        return self.of - len(self.faults)

    @property
    def share(self) -> float:
        return self.kept / self.of if self.of else 1.0


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A cue, and the one that is shown after it."""

    cue: ParsedCue
    after: ParsedCue | None
    profile: Profile

    @property
    def gap_ms(self) -> int | None:
        return None if self.after is None else self.after.start_ms - self.cue.end_ms


Rule = Callable[[Neighbours], str]
"""Returns what is wrong with a cue, as a clause; "" if nothing is."""


def frames(ms: float, profile: Profile) -> int:
    """Returns the nearest whole number of frames."""
    return int(ms * profile.fps / 1000 + 0.5)


def reading_ms(lines: Sequence[str], profile: Profile) -> float:
    """Returns how long a cue's lines take to read, in ms."""
    text = " ".join(line.strip() for line in lines if line.strip())
    return profile.reading_ms(cell_width(text), len(text.split()))


def _empty(here: Neighbours) -> str:
    return "" if any(line.strip() for line in here.cue.lines) else "nothing is shown"


def _line_length(here: Neighbours) -> str:
    longest = max((cell_width(line.strip()) for line in here.cue.lines), default=0)
    most = here.profile.max_line_chars
    return f"{longest} characters in a line, at most {most}" if longest > most else ""


def _line_count(here: Neighbours) -> str:
    count = sum(bool(line.strip()) for line in here.cue.lines)
    return (
        f"{count} lines, at most {here.profile.max_lines}" if count > here.profile.max_lines else ""
    )


def _reading_speed(here: Neighbours) -> str:
    shown = here.cue.end_ms - here.cue.start_ms
    needed = reading_ms(here.cue.lines, here.profile)
    if needed <= max(shown, 0) + 0.5:
        return ""
    return f"shown for {_s(shown)}, reading takes {_s(needed)}"


def _min_duration(here: Neighbours) -> str:
    shown, least = here.cue.end_ms - here.cue.start_ms, here.profile.min_duration_ms
    short = frames(shown, here.profile) < frames(least, here.profile)
    return f"shown for {_s(shown)}, at least {_s(least)}" if short else ""


def _max_duration(here: Neighbours) -> str:
    shown, most = here.cue.end_ms - here.cue.start_ms, here.profile.max_duration_ms
    long = frames(shown, here.profile) > frames(most, here.profile)
    return f"shown for {_s(shown)}, at most {_s(most)}" if long else ""


def _overlap(here: Neighbours) -> str:
    gap = here.gap_ms
    return f"overlaps the next one by {_s(-gap)}" if gap is not None and gap < 0 else ""


def _gap(here: Neighbours) -> str:
    gap, profile = here.gap_ms, here.profile
    if gap is None or gap < 0 or gap_is_right(gap, profile):
        return ""
    least = f"{profile.min_gap_frames} frames" if profile.min_gap_frames else "none"
    return f"a gap of {_s(gap)} to the next one: {least}, or at least {_s(profile.chain_ms)}"


def gap_is_right(gap_ms: int, profile: Profile) -> bool:
    """Whether a gap is the least one, or long enough to be seen as one."""
    return frames(gap_ms, profile) == profile.min_gap_frames or gap_ms >= profile.chain_ms


def _order(here: Neighbours) -> str:
    after = here.after
    if after is None or after.start_ms >= here.cue.start_ms:
        return ""
    return f"starts after the next one, by {_s(here.cue.start_ms - after.start_ms)}"


def _s(ms: float) -> str:
    return f"{ms / 1000:.3f} s"


RULES: dict[str, Rule] = {
    "empty": _empty,
    "order": _order,
    "overlap": _overlap,
    "gap": _gap,
    "min-duration": _min_duration,
    "max-duration": _max_duration,
    "line-length": _line_length,
    "line-count": _line_count,
    "reading-speed": _reading_speed,
}


def check(cues: Sequence[ParsedCue], profile: Profile) -> tuple[RuleResult, ...]:
    """Returns the result of each rule of a profile for cues in the order of their file."""
    in_file = list(_neighbours(cues, profile))
    in_time = list(_neighbours(sorted(cues, key=lambda cue: cue.start_ms), profile))
    return tuple(
        RuleResult(name, len(cues), tuple(_faults(rule, in_file if name == "order" else in_time)))
        for name, rule in RULES.items()
    )


def _neighbours(cues: Sequence[ParsedCue], profile: Profile) -> Iterator[Neighbours]:
    for k, cue in enumerate(cues):
        yield Neighbours(cue, cues[k + 1] if k + 1 < len(cues) else None, profile)


def _faults(rule: Rule, places: Sequence[Neighbours]) -> Iterator[RuleViolation]:
    for here in places:
        if what := rule(here):
            yield RuleViolation(here.cue.number, here.cue.line, what)
