"""English as written and as said."""

import pytest

from aligner import languages

ENGLISH = languages.get("en-US")


def said(text: str) -> str:
    return " ".join(a.text for a in ENGLISH.say([w.text for w in ENGLISH.split(text)]))


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("over 250,000 people.", "over two hundred fifty thousand people"),
        ("the 60-nation coalition", "the sixty nation coalition"),
        ("$4.7 billion budget", "four point seven billion dollars budget"),
        ("£1.3bn", "one point three billion pounds"),
        ("$5", "five dollars"),
        ("fell to 5.4%.", "fell to five point four percent"),
        ("five per cent", "five percent"),
        ("in 2015,", "in twenty fifteen"),
        ("in 2009", "in two thousand nine"),
        ("the 1990s", "the nineteen nineties"),
        ("1,998 votes", "one thousand nine hundred ninety eight votes"),
        ("3:17 p.m.", "three seventeen pm"),
        ("9:05", "nine o five"),
        ("the 15th time", "the fifteenth time"),
        ("Dr. Kwame Boateng", "doctor kwame boateng"),
        ("Gen. Salif", "general salif"),
        ("a gen of", "a gen of"),
        ("U.N. Secretary-General", "un secretary general"),
        ("“Assad…is somebody”", "assad is somebody"),
        ("Research & Development", "research and development"),
        ("war — which", "war which"),
        ("Antonio António", "antonio antonio"),
        ("the States’ concern", "the states concern"),
        ("55 to 38,", "fifty five to thirty eight"),
    ],
)
def test_written_as_said(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    "spelling",
    ["September 15", "September 15th", "September fifteenth", "September fifteen", "Sept. 15"],
)
def test_a_day_after_its_month_is_one_however_spelt(spelling: str) -> None:
    assert said(spelling) == "september fifteen"


@pytest.mark.parametrize("spelling", ["March 23", "March twenty-third", "March 23rd"])
def test_a_compound_day(spelling: str) -> None:
    assert said(spelling) == "march twenty three"


def test_every_atom_knows_its_word() -> None:
    atoms = ENGLISH.say(["$4.7", "billion", "more"])
    assert [(a.text, a.word) for a in atoms[2:]] == [
        ("seven", 0),
        ("billion", 1),
        ("dollars", 1),
        ("more", 2),
    ]


def test_fifteen_is_not_fifty() -> None:
    assert said("15") != said("50")
