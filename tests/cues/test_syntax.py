"""Two neighbouring words -> the kind of the place between them."""

import pytest

from aligner.cues.function_words import ENGLISH
from aligner.cues.pieces import Piece
from aligner.cues.syntax import SYNTAX, Place, Syntax, place, places


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


@pytest.mark.parametrize(
    ("text", "code", "held"),
    [
        ("彼 は 「 東京 へ 行 っ た 。 」 と 言 う", "ja", "「東京 行っ た。」"),
        ("说 ： “ 好 。 ” 他 走 了", "zh", "“好。”"),
        ("한국 은 ( 지금 ) 봄", "ko", "(지금)"),
        ("สวัส ดี ครับ", "th", "สวัสดี"),
    ],
)
def test_icu_says_where_unspaced_lines_may_end(text: str, code: str, held: str) -> None:
    pieces = [piece(part, space=k == 0) for k, part in enumerate(text.split())]
    kinds = places(pieces, Syntax(), code)
    shown = pieces[0].text
    for kind, after in zip(kinds, pieces[1:], strict=True):
        shown += after.text if kind is Place.WORD else f" {after.text}"
    for part in held.split():
        assert part in shown


def test_icu_leaves_a_break_between_words() -> None:
    pieces = [piece(part, space=False) for part in "中国 人民 今天".split()]
    assert places(pieces, Syntax(), "zh") == [Place.PLAIN, Place.PLAIN]


@pytest.mark.parametrize(
    ("language", "before", "after", "expected"),
    [
        ("fr", "d’autres", "pays", Place.TIE),
        ("fr", "qu’il", "faut", Place.TIE),
        ("fr", "pays", "l’accord", Place.PHRASE),
        ("fr", "dit", "qu’il", Place.JOINT),
        ("es", "de", "la", Place.TIE),
        ("es", "gobierno", "que", Place.JOINT),
        ("de", "der", "Präsident", Place.TIE),
        ("de", "Präsident", "Obama", Place.PLAIN),
        ("pl", "w", "Warszawie", Place.TIE),
        ("ru", "в", "Москве", Place.TIE),
        ("ru", "сказал", "что", Place.JOINT),
        ("uk", "у", "Києві", Place.TIE),
        ("pt", "não", "sabe", Place.TIE),
        ("it", "dell’accordo", "di", Place.PHRASE),
        ("id", "di", "Jakarta", Place.TIE),
        ("tr", "halk", "için", Place.TIE),
        ("ar", "في", "بغداد", Place.TIE),
        ("sv", "den", "stora", Place.TIE),
        ("nl", "regering", "van", Place.PHRASE),
    ],
)
def test_places_by_each_languages_words(
    language: str, before: str, after: str, expected: Place
) -> None:
    assert place(piece(before), piece(after), SYNTAX[language]) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Bashar", "al-Assad", Place.TIE),
        ("president", "Obama", Place.TIE),
        ("political", "party", Place.TIE),
        ("wake", "up", Place.TIE),
        ("is", "the", Place.PLAIN),
        ("said", "...and", Place.CLAUSE),
        ("million", "people", Place.TIE),
        ("you", "can", Place.TIE),
        ("told", "you", Place.PHRASE),
        ("well.", ">>", Place.SENTENCE),
        (">>", "Reporter:", Place.WORD),
        ("government", "has", Place.PHRASE),
    ],
)
def test_more_places_in_english(before: str, after: str, expected: Place) -> None:
    assert place(piece(before), piece(after), ENGLISH) is expected
