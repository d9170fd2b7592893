"""The words of an article, as a recogniser would write them."""

from __future__ import annotations

import pytest

from aligner.alignment.matching.draft_text import draft
from aligner.types import Article, Paragraph


def article(*paragraphs: str) -> Article:
    return Article(None, None, "en", tuple(Paragraph(text, "body") for text in paragraphs))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Farmers outside Mykolaiv want rain.", ["Mykolaiv"]),
        ("Rain came. Fatoumata Keita was glad.", ["Fatoumata", "Keita"]),
        ("Rain came. Keita was glad.", []),  # nobody can tell
        ("They saw Mr. Smith and Gen. Traore.", ["Mr.", "Smith", "Gen.", "Traore."]),
        ("He said: Nobody knows.", []),
        ("A court in the U.N. said no.", ["U.N."]),
    ],
)
def test_names_are_known_by_their_capitals(text: str, names: list[str]) -> None:
    assert [word.text for word in draft(article(text), "en") if word.name] == names


def test_a_paragraph_begins_a_sentence() -> None:
    words = draft(article("It rained.", "Villages were cut off."), "en")
    assert not any(word.name for word in words)


def test_numbers_and_negations_are_protected() -> None:
    words = draft(article("They did not sell 40 of them, nor fifteen."), "en")
    assert [word.text for word in words if word.protected] == ["not", "40", "nor", "fifteen."]
