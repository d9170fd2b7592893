"""The numbers of the captioning standards, a record each.

How to add a standard: one ``Profile`` with the source of each number beside it, and one line in
``PROFILES``. What a standard leaves open keeps the default, which is Netflix's number. A user's
own comes from a TOML file (``load``).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from aligner.errors import BadSource
from aligner.languages.tags import primary


@dataclass(frozen=True, slots=True)
class LanguageOverride:
    """What a standard says otherwise for one language; None where it does not."""

    max_line_chars: int | None = None
    max_cps: float | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a captioning standard asks for. Times in ms, frames at ``fps``."""

    name: str
    max_line_chars: int
    """Cells in a line: a full-width character takes two."""
    max_lines: int
    max_cps: float
    """Reading speed, cells a second; infinite where the standard only counts words."""
    min_duration_ms: int
    max_duration_ms: int
    fps: float = 25.0
    """Frames a second, by which gaps are measured; the video's own where it is known."""
    min_gap_frames: int = 2
    """The least gap between two cues."""
    late_ms: int = 120
    """How late at most a cue may come after its first sound."""
    chain_ms: int = 500
    """A gap shorter than this closes to the least gap."""
    max_silence_ms: int = 2000
    """No cue runs across a silence longer than this."""
    pause_ms: int = 100
    """From this length on a pause counts; the longer, the better a place it is to end a cue."""
    bottom_heavy: bool = True
    """Of two lines the upper one is rather the shorter."""
    max_wpm: float = math.inf
    """Reading speed, words a minute, where the standard counts so."""
    max_linger_ms: int = 60_000
    """How long at most a cue stays after its speech so that it can be read."""
    languages: Mapping[str, LanguageOverride] = field(default_factory=dict, hash=False)
    """By primary language subtag; "*" is any other language."""

    @property
    def min_gap_ms(self) -> int:
        return round(self.min_gap_frames * 1000 / self.fps)

    def for_language(self, tag: str) -> Profile:
        """The profile with the numbers that hold for a language, given by its BCP 47 tag."""
        code = primary(tag)
        local = self.languages.get(code) or self.languages.get("*") or LanguageOverride()
        spaced = code not in UNSPACED
        return replace(
            self,
            max_line_chars=local.max_line_chars or self.max_line_chars,
            max_cps=local.max_cps or self.max_cps,
            max_wpm=self.max_wpm if spaced else math.inf,
            languages={},
        )

    def at(self, fps: float | None) -> Profile:
        """The profile for a video of so many frames a second, if it is one of moving pictures.

        A slide show or a still picture has fewer than 20; the profile's own number then holds.
        """
        return replace(self, fps=fps) if fps and 20 <= fps <= 240 else self

    def reading_ms(self, cells: int, words: int) -> float:
        """How long a text takes to read."""
        return max(cells * 1000 / self.max_cps, words * 60_000 / self.max_wpm)


UNSPACED = frozenset("zh yue ja th lo km my".split())
"""Languages whose words cannot be counted by the spaces between them."""

# Netflix, Timed Text Style Guides of these languages: characters a line and characters a second
# for adult programmes, here as cells (a full-width character takes two): Chinese 16 and 9,
# Japanese 13 and 4, Korean 16 and 12.
FULL_WIDTH = {
    "zh": LanguageOverride(32, 18.0),
    "yue": LanguageOverride(32, 18.0),
    "ja": LanguageOverride(26, 8.0),
    "ko": LanguageOverride(32, 24.0),
}

NETFLIX = Profile(
    name="netflix",
    # Netflix, English (USA) Timed Text Style Guide: 42 characters a line; two lines at most;
    # 20 characters a second for adult programmes; 17 in the guides of other languages.
    max_line_chars=42,
    max_lines=2,
    max_cps=20.0,
    languages={**FULL_WIDTH, "en": LanguageOverride(), "*": LanguageOverride(max_cps=17.0)},
    # Netflix, Timed Text Style Guide, General Requirements: 5/6 second (rounded up) at least,
    # 7 seconds at most; text is bottom-heavy where a choice is left.
    min_duration_ms=834,
    max_duration_ms=7000,
    bottom_heavy=True,
    # Netflix, Subtitle Timing Guidelines: two frames between subtitles; 3 to 11 frames (at 24 a
    # second: under half a second) close to two; in within 3 frames of the first sound.
    fps=25.0,
    min_gap_frames=2,
    late_ms=120,
    chain_ms=500,
    # Ours: the standards only say how long a subtitle may stay after the speech (Netflix half a
    # second, BBC 1.5 s), so that none spans a silence longer than both together. The closure of a
    # stop consonant lasts 50 to 100 ms; a silence from there on may be a pause.
    max_silence_ms=2000,
    pause_ms=100,
)

BBC = Profile(
    name="bbc",
    # BBC Subtitle Guidelines: 37 characters a line (broadcast; online the width decides); two
    # lines, three if nothing is hidden by them; 160 to 180 words a minute; no characters counted.
    max_line_chars=37,
    max_lines=2,
    max_cps=math.inf,
    max_wpm=180.0,
    # About 0.3 s for each word at the least: that of one word. No greatest duration is named;
    # Netflix's stands.
    min_duration_ms=300,
    max_duration_ms=7000,
    # A gap of at least 1 s, better 1.5 s, or none at all; at most 1.5 s after the speech.
    min_gap_frames=0,
    chain_ms=1000,
    max_linger_ms=1500,
    bottom_heavy=False,
    languages=FULL_WIDTH,
)

TED = Profile(
    name="ted",
    # TED, subtitling guidelines: 42 characters a line, two lines; 21 characters a second; 1 to 7
    # seconds; in at most 100 ms off. Gaps are not named; Netflix's stand.
    late_ms=100,
    max_line_chars=42,
    max_lines=2,
    max_cps=21.0,
    min_duration_ms=1000,
    max_duration_ms=7000,
    bottom_heavy=False,
    languages=FULL_WIDTH,
)

DCMP = Profile(
    name="dcmp",
    # DCMP Captioning Key: 32 characters a line, two lines; 160 words a minute at the upper level
    # (130 and 140 below); 1.33 to 6 seconds. Gaps are not named; Netflix's stand.
    max_line_chars=32,
    max_lines=2,
    max_cps=math.inf,
    max_wpm=160.0,
    min_duration_ms=1334,
    max_duration_ms=6000,
    bottom_heavy=False,
    languages=FULL_WIDTH,
)

PROFILES: dict[str, Profile] = {p.name: p for p in (NETFLIX, BBC, TED, DCMP)}


# ---------------------------------------------------------------- a user's own

_BOUNDS: dict[str, tuple[float, float]] = {
    "max_line_chars": (4, 200),
    "max_lines": (1, 4),
    "max_cps": (1, math.inf),
    "max_wpm": (1, math.inf),
    "min_duration_ms": (1, 60_000),
    "max_duration_ms": (1, 60_000),
    "fps": (1, 1000),
    "min_gap_frames": (0, 100),
    "late_ms": (0, 1000),
    "chain_ms": (0, 60_000),
    "max_silence_ms": (1, 60_000),
    "pause_ms": (0, 60_000),
    "max_linger_ms": (0, 60_000),
}
"""What a file may say, from and up to."""


def get_profile(name: str) -> Profile:
    """Returns the profile of a name or of a .toml file. Raises BadSource."""
    if name in PROFILES:
        return PROFILES[name]
    if name.lower().endswith(".toml"):
        return load(Path(name))
    raise BadSource(name, f"no such profile; give {', '.join(PROFILES)} or a .toml file")


def load(path: Path) -> Profile:
    """Returns the profile of a TOML file, which has the fields that differ from ``base``
    (netflix if not given).

        base = "bbc"
        max_line_chars = 35
        [languages.fr]
        max_cps = 15

    Raises BadSource if it cannot be read, or says what no profile can.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSource(str(path), f"not a profile that can be read: {error}") from error
    except RecursionError as error:
        raise BadSource(str(path), "not a profile: nested too deeply") from error
    base = given.pop("base", "netflix")
    if not isinstance(base, str) or base not in PROFILES:
        raise BadSource(str(path), f"base is none of {', '.join(PROFILES)}")
    standard = PROFILES[base]
    local = given.pop("languages", {})
    name = given.pop("name", path.stem)
    numbers = _checked(path, given, [f.name for f in fields(Profile)])
    made = replace(standard, **numbers, name=str(name), languages=_local(path, local, standard))
    if made.min_duration_ms > made.max_duration_ms:
        raise BadSource(str(path), "min_duration_ms is more than max_duration_ms")
    return made


def _local(path: Path, given: Any, standard: Profile) -> Mapping[str, LanguageOverride]:
    if not isinstance(given, dict) or not all(isinstance(v, dict) for v in given.values()):
        raise BadSource(str(path), "languages holds a table for each language: [languages.fr]")
    made = dict(standard.languages)
    for code, numbers in given.items():
        checked = _checked(path, numbers, [f.name for f in fields(LanguageOverride)])
        made[code] = replace(made.get(code, LanguageOverride()), **checked)
    return made


def _checked(path: Path, given: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The numbers of one table, each a field and within its bounds."""
    for key, value in given.items():
        if key not in names:
            raise BadSource(str(path), f"{key} is no field of a profile")
        if key == "bottom_heavy":
            if not isinstance(value, bool):
                raise BadSource(str(path), f"{key} is true or false")
            continue
        low, high = _BOUNDS[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadSource(str(path), f"{key} is a number")
        if not low <= value <= high or (isinstance(value, float) and key not in _FRACTIONS):
            raise BadSource(str(path), f"{key} is a number from {low:g} to {high:g}")
    return given


_FRACTIONS = ("max_cps", "max_wpm", "fps")
"""The numbers that need not be whole."""
