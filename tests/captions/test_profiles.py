"""The captioning standards' numbers, and a user's own from a file."""

import math
import pickle
from pathlib import Path

import pytest

from aligner.captions.profiles import PROFILES, get_profile, load
from aligner.errors import BadSource

NETFLIX = PROFILES["netflix"]


@pytest.mark.parametrize(
    ("name", "line", "cps", "wpm", "shortest", "longest"),
    [
        ("netflix", 42, 20, math.inf, 834, 7000),
        ("bbc", 37, math.inf, 180, 300, 7000),
        ("ted", 42, 21, math.inf, 1000, 7000),
        ("dcmp", 32, math.inf, 160, 1334, 6000),
    ],
)
def test_each_standard_has_its_numbers(
    name: str, line: int, cps: float, wpm: float, shortest: int, longest: int
) -> None:
    profile = get_profile(name)
    assert (profile.name, profile.max_lines) == (name, 2)
    assert (profile.max_line_chars, profile.max_cps, profile.max_wpm) == (line, cps, wpm)
    assert (profile.min_duration_ms, profile.max_duration_ms) == (shortest, longest)


@pytest.mark.parametrize(
    ("profile", "language", "line", "cps"),
    [
        ("netflix", "en-US", 42, 20),
        ("netflix", "fr", 42, 17),
        ("netflix", "zh_Hant", 32, 18),
        ("netflix", "ja", 26, 8),
        ("ted", "fr", 42, 21),
        ("bbc", "ko", 32, 24),
    ],
)
def test_a_language_may_have_numbers_of_its_own(
    profile: str, language: str, line: int, cps: float
) -> None:
    made = PROFILES[profile].for_language(language)
    assert (made.max_line_chars, made.max_cps) == (line, cps)


def test_words_are_not_counted_where_no_spaces_part_them() -> None:
    assert math.isinf(PROFILES["bbc"].for_language("ja").max_wpm)
    assert PROFILES["bbc"].for_language("fr").max_wpm == 180


@pytest.mark.parametrize(
    ("fps", "gap"), [(24, 83), (25, 80), (30000 / 1001, 67), (50, 40), (None, 80), (1, 80), (0, 80)]
)
def test_the_gap_goes_by_the_video_if_its_pictures_move(fps: float | None, gap: int) -> None:
    assert NETFLIX.at(fps).min_gap_ms == gap


def test_reading_goes_by_what_the_standard_counts() -> None:
    assert NETFLIX.reading_ms(40, 3) == 2000
    assert PROFILES["dcmp"].reading_ms(40, 8) == 3000


def test_profiles_travel_to_other_processes() -> None:
    assert pickle.loads(pickle.dumps(NETFLIX)) == NETFLIX  # noqa: S301


# ---------------------------------------------------------------- a user's own


def written(folder: Path, text: str) -> Path:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_what_differs(tmp_path: Path) -> None:
    text = 'base = "bbc"\nmax_line_chars = 35\nmax_wpm = 170.5\n[languages.fr]\nmax_cps = 15\n'
    made = get_profile(str(written(tmp_path, text)))
    assert (made.name, made.max_line_chars, made.max_wpm) == ("ours", 35, 170.5)
    assert made.chain_ms == PROFILES["bbc"].chain_ms
    assert made.for_language("fr").max_cps == 15
    assert made.for_language("ja").max_line_chars == 26


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max_line_chars = ", "cannot|not a profile"),
        ('base = "acme"', "base is none of netflix"),
        ("max_line_char = 40", "max_line_char is no field"),
        ("max_line_chars = 0", "a number from 4 to 200"),
        ("max_line_chars = 40.5", "a number from 4"),
        ('max_cps = "fast"', "max_cps is a number"),
        ("max_lines = true", "max_lines is a number"),
        ("bottom_heavy = 1", "true or false"),
        ("min_duration_ms = 8000", "more than max_duration_ms"),
        ("languages = 3", "a table for each language"),
        ("[languages.fr]\nmax_lines = 3", "max_lines is no field"),
        ("max_cps = nan", "a number from 1"),
    ],
)
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadSource, match=said):
        load(written(tmp_path, text))


@pytest.mark.parametrize("name", ["acme", "no-such-file.toml"])
def test_an_unknown_profile_is_refused(name: str) -> None:
    with pytest.raises(BadSource, match=name):
        get_profile(name)
