"""Of several ways to say a word, the one that was heard is found; what is shown is as printed."""

import pytest
from test_match import article, heard, origins, shown

from aligner.alignment import matching

FRAME = "They said in the capital that {} was ready for the long winter ahead."


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("2254", "twenty-two fifty-four"),
        ("2254", "two thousand two hundred fifty four"),
        ("twenty-two fifty-four", "2254"),
        ("in 2015", "in two thousand and fifteen"),
        ("$1.3bn", "1.3 billion dollars"),
        ("$1.3bn", "$1.3 billion"),
        ("$4.50", "four dollars and fifty cents"),
        ("3:17 p.m.", "3.17 pm"),
        ("September 15", "the fifteenth of September"),
        ("9/11", "nine eleven"),
        ("9/11", "9-11"),
        ("pages 10-15", "pages ten to fifteen"),
        ("by 55 to 38,", "by 55 -38,"),
        ("from 55–38", "from 55 to 38"),
        ("Elizabeth II", "Elizabeth the Second"),
        ("chapter IV", "chapter four"),
        ("No. 1", "number one"),
        ("the U.N.", "the United Nations"),
        ("e.g. Norway", "for example Norway"),
        ("20 km/h", "twenty kilometers an hour"),
        ("a 5 °C fall", "a five degree Celsius fall"),
        ("labour", "labor"),
        ("St. Olaf", "Saint Olaf"),
        ("Acme & Co.", "Acme and Company"),
        ("voanews.com", "voanews dot com"),
        ("five per cent", "five percent"),
    ],
)
def test_the_spoken_reading_of_a_number_is_chosen(written: str, spoken: str) -> None:
    found = matching.align(article(FRAME.format(written)), heard(FRAME.format(spoken)))
    assert shown(found) == FRAME.format(written)
    assert "s" not in origins(found)
    assert not found.divergence


@pytest.mark.parametrize(
    ("written", "spoken"),
    [("2254", "2245"), ("9/11", "nine twelve"), ("Elizabeth II", "Elizabeth the First")],
)
def test_another_number_stays_as_heard(written: str, spoken: str) -> None:
    found = matching.align(article(FRAME.format(written)), heard(FRAME.format(spoken)))
    assert shown(found) == FRAME.format(spoken)
    assert [d.kind for d in found.divergence] != []


def test_readings_differ_from_place_to_place() -> None:
    text = "In 2015 the river froze. Nobody was on the ice in 2015 though it held."
    spoken = (
        "In twenty fifteen the river froze. Nobody was on the ice in two thousand fifteen though "
        "it held."
    )
    assert shown(matching.align(article(text), heard(spoken))) == text


def test_a_moved_passage_has_its_own_readings() -> None:
    one = "A loan of $1.3bn was signed in 1905 by the two governments of the time."
    two = "Nobody remembers today who paid it back or when that was."
    spoken = (
        "A loan of 1.3 billion dollars was signed in nineteen o five by the two governments of "
        "the time."
    )
    found = matching.align(article(one, two), heard(f"{two} {spoken}"))
    assert shown(found) == f"{two} {one}"


def test_caption_words_carry_their_spoken_tokens() -> None:
    found = matching.align(
        article(FRAME.format("in 2015 it")), heard(FRAME.format("in two thousand and fifteen it"))
    )
    said = {w.text: w.said for w in found.words}
    assert said["2015"] == ("two", "thousand", "and", "fifteen")
    assert said["capital"] == ("capital",)
