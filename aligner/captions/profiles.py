"""Captioning profiles: the limits of each captioning standard.

To add a standard, write a ``Profile`` with the source of each number, and add it to ``PROFILES``.
Limits that the standard does not define keep the defaults, which are Netflix's. Users define their
own profiles in TOML files (``load``).
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
    """The limits of a standard for one language, where they differ from its general ones."""

    max_line_chars: int | None = None
    max_cps: float | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """The limits of a captioning standard."""

    name: str
    max_line_chars: int
    """Cells in a line; a full-width character takes two."""
    max_lines: int
    max_cps: float
    """Reading speed in cells a second; infinite if the standard only counts words."""
    min_duration_ms: int
    max_duration_ms: int
    fps: float = 25.0
    """Frames a second, the unit of gaps; replaced by the frame rate of the video, if known."""
    min_gap_frames: int = 2
    """Minimum gap between two cues."""
    late_ms: int = 120
    """Maximum delay of a cue after the onset of its first word."""
    chain_ms: int = 500
    """A gap shorter than this is reduced to the minimum gap."""
    max_silence_ms: int = 2000
    """No cue spans a silence longer than this."""
    pause_ms: int = 100
    """Minimum length of a pause. The longer a pause is, the better a cue ends there."""
    bottom_heavy: bool = True
    """Whether the upper of two lines should be the shorter one."""
    speaker_labels: bool = False
    """Whether a change of speaker is shown as "(speaker 2)" and "(Name)", else by a hyphen, and
    "[Name]" where the name is known."""
    max_wpm: float = math.inf
    """Reading speed in words a minute, if the standard counts words."""
    max_linger_ms: int = 60_000
    """Maximum time for which a cue stays after its speech so that it can be read."""
    languages: Mapping[str, LanguageOverride] = field(default_factory=dict, hash=False)
    """Limits by primary language subtag; "*" stands for all other languages."""

    @property
    def min_gap_ms(self) -> int:
        return round(self.min_gap_frames * 1000 / self.fps)

    def for_language(self, tag: str) -> Profile:
        """Returns the profile with the limits for a language, given by its BCP 47 tag."""
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
        """Returns the profile for a video with a frame rate, if that is from 20 to 240.

        Slide shows and still pictures have lower rates; for them the profile is unchanged.
        """
        return replace(self, fps=fps) if fps and 20 <= fps <= 240 else self

    def reading_ms(self, cells: int, words: int) -> float:
        """Returns the reading time of a text in ms."""
        return max(cells * 1000 / self.max_cps, words * 60_000 / self.max_wpm)


UNSPACED = frozenset("zh yue ja th lo km my".split())
"""Primary subtags of languages that are written without spaces between words."""

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
    # 7 seconds at most; text should be bottom-heavy.
    min_duration_ms=834,
    max_duration_ms=7000,
    bottom_heavy=True,
    # Netflix, Subtitle Timing Guidelines: two frames between subtitles; gaps of 3 to 11 frames (at
    # 24 fps: under half a second) become two; in-time within 3 frames of the first sound.
    fps=25.0,
    min_gap_frames=2,
    late_ms=120,
    chain_ms=500,
    # Not in a standard. The standards limit how long a subtitle stays after the speech (Netflix
    # 0.5 s, BBC 1.5 s); a subtitle thus spans no silence longer than the sum of both. The closure
    # of a stop consonant lasts 50 to 100 ms; a longer silence may be a pause.
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
    # At least about 0.3 s for each word; here for one word. No maximum duration is defined;
    # Netflix's is used.
    min_duration_ms=300,
    max_duration_ms=7000,
    # Either no gap, or one of at least 1 s, preferably 1.5 s; at most 1.5 s after the speech.
    min_gap_frames=0,
    chain_ms=1000,
    max_linger_ms=1500,
    bottom_heavy=False,
    languages=FULL_WIDTH,
)

TED = Profile(
    name="ted",
    # TED, subtitling guidelines: 42 characters a line, two lines; 21 characters a second; 1 to 7
    # seconds; in-time at most 100 ms off. Gaps are not defined; Netflix's are used.
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
    # (130 and 140 below); 1.33 to 6 seconds. Gaps are not defined; Netflix's are used.
    max_line_chars=32,
    max_lines=2,
    max_cps=math.inf,
    max_wpm=160.0,
    # A speaker who is not seen is named in parentheses; "(speaker 1)" if the name is not known.
    speaker_labels=True,
    min_duration_ms=1334,
    max_duration_ms=6000,
    bottom_heavy=False,
    languages=FULL_WIDTH,
)

PROFILES: dict[str, Profile] = {p.name: p for p in (NETFLIX, BBC, TED, DCMP)}


# ---------------------------------------------------------------- profiles of users

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
"""The lowest and highest value of each field in a file."""


def get_profile(name: str) -> Profile:
    """Returns a profile by its name or from a .toml file. Raises BadSource."""
    if name in PROFILES:
        return PROFILES[name]
    if name.lower().endswith(".toml"):
        return load(Path(name))
    raise BadSource(name, f"no such profile; give {', '.join(PROFILES)} or a .toml file")


MAX_FILE_BYTES = 50_000
"""A profile has some hundreds of bytes; reading TOML takes time by the square of its length."""


def load(path: Path) -> Profile:
    """Returns the profile of a TOML file, which has the fields that differ from those of ``base``.

    ``base`` is "netflix" if it is not given. Example:

        base = "bbc"
        max_line_chars = 35
        [languages.fr]
        max_cps = 15

    Raises BadSource if the file cannot be read, or has unknown fields or values out of range.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise BadSource(str(path), f"larger than {MAX_FILE_BYTES // 1000} kB: not a profile")
        given = tomllib.loads(data.decode("utf-8"))
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
    """Returns a table whose fields are known and within their bounds. Raises BadSource."""
    for key, value in given.items():
        if key not in names:
            raise BadSource(str(path), f"{key} is no field of a profile")
        if key in ("bottom_heavy", "speaker_labels"):
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
"""Fields that need not be whole numbers."""
