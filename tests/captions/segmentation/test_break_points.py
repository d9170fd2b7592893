"""Two neighbouring words -> the kind of the place between them."""

from itertools import accumulate

import pytest

from aligner import languages
from aligner.captions.segmentation.break_points import BreakKind, break_kind, break_kinds
from aligner.captions.segmentation.tokens import CueToken


def piece(text: str, space: bool = True) -> CueToken:
    return CueToken(text, len(text), 0, 1, "verified", None, space)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("end.", "The", BreakKind.SENTENCE),
        ("end.”", "The", BreakKind.SENTENCE),
        ("really?", "“No,”", BreakKind.SENTENCE),
        ("what?!", "he", BreakKind.PHRASE),
        ("Mr.", "Smith", BreakKind.TIE),
        ("J.", "Smith", BreakKind.TIE),
        ("U.S.", "Congress", BreakKind.TIE),
        ("U.S.", "The", BreakKind.SENTENCE),
        ("Sept.", "15", BreakKind.TIE),
        ("approx.", "fifty", BreakKind.PLAIN),
        ("said,", "the", BreakKind.CLAUSE),
        ("peace", "—", BreakKind.WORD),
        ("—", "and", BreakKind.CLAUSE),
        ("peace", "(sic)", BreakKind.CLAUSE),
        ("government", "of", BreakKind.PHRASE),
        ("knew", "that", BreakKind.JOINT),
        ("of", "the", BreakKind.TIE),
        ("the", "government", BreakKind.TIE),
        ("they", "left", BreakKind.TIE),
        ("have", "left", BreakKind.TIE),
        ("don’t", "know", BreakKind.TIE),
        ("Fatoumata", "Keita", BreakKind.TIE),
        ("15", "kilometers", BreakKind.TIE),
        ("$5", "million", BreakKind.TIE),
        ("September", "15", BreakKind.TIE),
        ("September", "rains", BreakKind.PLAIN),
        ("old", "town", BreakKind.TIE),
        ("(", "sic", BreakKind.WORD),
        ("“", "No", BreakKind.WORD),
        ("no", "”", BreakKind.WORD),
    ],
)
def test_places_in_english(before: str, after: str, expected: BreakKind) -> None:
    assert break_kind(piece(before), piece(after), "en") is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("fin.", "Les", BreakKind.SENTENCE),
        ("कहा।", "यह", BreakKind.SENTENCE),
        ("قال؟", "نعم", BreakKind.SENTENCE),
        ("fin;", "les", BreakKind.CLAUSE),
        ("Der", "Präsident", BreakKind.PLAIN),
        ("15", "Kilometer", BreakKind.PLAIN),
        ("15", "kilomètres", BreakKind.TIE),
    ],
)
def test_places_without_a_word_list(before: str, after: str, expected: BreakKind) -> None:
    assert break_kind(piece(before), piece(after), "und") is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("build", "-up", BreakKind.WORD),
        ("l’", "homme", BreakKind.WORD),
        ("中国", "人民", BreakKind.PLAIN),
        ("人民。", "他", BreakKind.SENTENCE),
        ("人民", "。", BreakKind.WORD),
        ("说", "「", BreakKind.PLAIN),
    ],
)
def test_where_no_space_is_written(before: str, after: str, expected: BreakKind) -> None:
    assert break_kind(piece(before), piece(after, space=False), "und") is expected


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
    kinds = break_kinds(pieces, code)
    shown = pieces[0].text
    for kind, after in zip(kinds, pieces[1:], strict=True):
        shown += after.text if kind is BreakKind.WORD else f" {after.text}"
    for part in held.split():
        assert part in shown


def test_icu_leaves_a_break_between_words() -> None:
    pieces = [piece(part, space=False) for part in "中国 人民 今天".split()]
    assert break_kinds(pieces, "zh") == [BreakKind.PLAIN, BreakKind.PLAIN]


@pytest.mark.parametrize(
    ("language", "before", "after", "expected"),
    [
        ("fr", "d’autres", "pays", BreakKind.TIE),
        ("fr", "qu’il", "faut", BreakKind.TIE),
        ("fr", "pays", "l’accord", BreakKind.PHRASE),
        ("fr", "dit", "qu’il", BreakKind.JOINT),
        ("es", "de", "la", BreakKind.TIE),
        ("es", "gobierno", "que", BreakKind.JOINT),
        ("de", "der", "Präsident", BreakKind.TIE),
        ("de", "Präsident", "Obama", BreakKind.PLAIN),
        ("pl", "w", "Warszawie", BreakKind.TIE),
        ("ru", "в", "Москве", BreakKind.TIE),
        ("ru", "сказал", "что", BreakKind.JOINT),
        ("uk", "у", "Києві", BreakKind.TIE),
        ("pt", "não", "sabe", BreakKind.TIE),
        ("it", "dell’accordo", "di", BreakKind.PHRASE),
        ("id", "di", "Jakarta", BreakKind.TIE),
        ("tr", "halk", "için", BreakKind.TIE),
        ("ar", "في", "بغداد", BreakKind.TIE),
        ("sv", "den", "stora", BreakKind.TIE),
        ("nl", "regering", "van", BreakKind.PHRASE),
    ],
)
def test_places_by_each_languages_words(
    language: str, before: str, after: str, expected: BreakKind
) -> None:
    assert break_kind(piece(before), piece(after), language) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Bashar", "al-Assad", BreakKind.TIE),
        ("president", "Obama", BreakKind.TIE),
        ("political", "party", BreakKind.TIE),
        ("wake", "up", BreakKind.TIE),
        ("is", "the", BreakKind.PLAIN),
        ("said", "...and", BreakKind.CLAUSE),
        ("million", "people", BreakKind.TIE),
        ("you", "can", BreakKind.TIE),
        ("told", "you", BreakKind.PHRASE),
        ("well.", ">>", BreakKind.SENTENCE),
        (">>", "Reporter:", BreakKind.WORD),
        ("government", "has", BreakKind.PHRASE),
    ],
)
def test_more_places_in_english(before: str, after: str, expected: BreakKind) -> None:
    assert break_kind(piece(before), piece(after), "en") is expected


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ja", "25 人"), ("ja", "2 億 5000 万 円"), ("ja", "三十五 万 人"), ("ja", "第 3 回"),
        ("ja", "2024 年 9 月 15 日"), ("ja", "5 時 30 分"), ("ja", "3 か 月"), ("ja", "12 ヶ 国"),
        ("ja", "40 キロ"), ("ja", "3.5 ％"), ("ja", "１０ 歳"), ("ja", "20 パーセント"),
        ("ja", "３ つ"),
        ("zh", "25 人"), ("zh", "2024 年 9 月 15 日"), ("zh", "两 百 万 美元"), ("yue", "三 億 元"),
    ],
)  # fmt: skip
def test_a_number_is_not_parted_from_its_counter(code: str, text: str) -> None:
    tokens = [piece(part, space=False) for part in f"は {text} が".split()]
    kinds = break_kinds(tokens, code)
    assert set(kinds[1:-1]) == {BreakKind.WORD}


@pytest.mark.parametrize(
    ("code", "text"), [("ja", "9 月 に 東京 で"), ("ja", "25 は 多い"), ("zh", "他 说 有 人")]
)
def test_other_borders_of_japanese_and_chinese_stay_open(code: str, text: str) -> None:
    kinds = break_kinds([piece(part, space=False) for part in text.split()], code)
    assert BreakKind.WORD not in kinds[1:]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("th", "นายกรัฐมนตรีกล่าวว่าประชาชนจะได้รับความช่วยเหลือในวันพรุ่งนี้"),
        ("km", "នាយករដ្ឋមន្ត្រីបានមានប្រសាសន៍ថាប្រជាជននឹងទទួលបានជំនួយនៅថ្ងៃស្អែក"),
        ("lo", "ນາຍົກລັດຖະມົນຕີກ່າວວ່າປະຊາຊົນຈະໄດ້ຮັບການຊ່ວຍເຫຼືອໃນມື້ອື່ນ"),
        ("my", "ဝန်ကြီးချုပ်ကပြည်သူများမနက်ဖြန်အကူအညီရမည်ဟုပြောကြားခဲ့သည်"),
    ],
)
def test_lines_end_between_words_that_icu_finds_alone(code: str, text: str) -> None:
    words = [word.text for word in languages.get(code).split(text)]
    borders = set(accumulate(map(len, words)))
    pieces = [text[at : at + 2] for at in range(0, len(text), 2)]  # a recogniser's odd words
    kinds = break_kinds([piece(part, space=False) for part in pieces], code)
    open_ = {2 * (k + 1) for k, kind in enumerate(kinds) if kind is not BreakKind.WORD}
    assert open_ <= borders
    assert len(words) > 5
