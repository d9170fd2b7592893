"""Two neighbouring words -> the kind of the place between them."""

import pytest

from aligner.cues.function_words import ENGLISH
from aligner.cues.pieces import Piece
from aligner.cues.syntax import Place, Syntax, place


def piece(text: str, space: bool = True) -> Piece:
    return Piece(text, len(text), 0, 1, "verified", None, space)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("end.", "The", Place.SENTENCE),
        ("end.”", "The", Place.SENTENCE),
        ("really?", "“No,”", Place.SENTENCE),
        ("what?!", "he", Place.PHRASE),
        ("Mr.", "Smith", Place.TIE),
        ("J.", "Smith", Place.TIE),
        ("U.S.", "Congress", Place.TIE),
        ("U.S.", "The", Place.SENTENCE),
        ("Sept.", "15", Place.TIE),
        ("approx.", "fifty", Place.PLAIN),
        ("said,", "the", Place.CLAUSE),
        ("peace", "—", Place.WORD),
        ("—", "and", Place.CLAUSE),
        ("peace", "(sic)", Place.CLAUSE),
        ("government", "of", Place.PHRASE),
        ("knew", "that", Place.JOINT),
        ("of", "the", Place.TIE),
        ("the", "government", Place.TIE),
        ("they", "left", Place.TIE),
        ("have", "left", Place.TIE),
        ("don’t", "know", Place.TIE),
        ("Fatoumata", "Keita", Place.TIE),
        ("15", "kilometers", Place.TIE),
        ("$5", "million", Place.TIE),
        ("September", "15", Place.TIE),
        ("September", "rains", Place.PLAIN),
        ("old", "town", Place.TIE),
        ("(", "sic", Place.WORD),
        ("“", "No", Place.WORD),
        ("no", "”", Place.WORD),
    ],
)
def test_places_in_english(before: str, after: str, expected: Place) -> None:
    assert place(piece(before), piece(after), ENGLISH) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("fin.", "Les", Place.SENTENCE),
        ("कहा।", "यह", Place.SENTENCE),
        ("قال؟", "نعم", Place.SENTENCE),
        ("fin;", "les", Place.CLAUSE),
        ("Der", "Präsident", Place.PLAIN),
        ("15", "Kilometer", Place.PLAIN),
        ("15", "kilomètres", Place.TIE),
    ],
)
def test_places_without_a_word_list(before: str, after: str, expected: Place) -> None:
    assert place(piece(before), piece(after), Syntax()) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("build", "-up", Place.WORD),
        ("l’", "homme", Place.WORD),
        ("中国", "人民", Place.PLAIN),
        ("人民。", "他", Place.SENTENCE),
        ("人民", "。", Place.WORD),
        ("说", "「", Place.PLAIN),
    ],
)
def test_where_no_space_is_written(before: str, after: str, expected: Place) -> None:
    assert place(piece(before), piece(after, space=False), Syntax()) is expected
