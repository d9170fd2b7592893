"""Words in another script than the publisher's are matched by their sound."""

import pytest

from aligner import languages
from aligner.alignment import matching
from aligner.alignment.matching.transliteration import in_one_script
from aligner.types import Alignment, Article, EngineInfo, Paragraph, Transcript, Word


def aligned(code: str, written: str, heard: str) -> Alignment:
    article = Article(None, None, code, (Paragraph(written),))
    words = tuple(Word(word, 300 * k, 300 * k + 250, 0.9) for k, word in enumerate(heard.split()))
    return matching.align(article, Transcript(code, words, EngineInfo("recorded", "")))


@pytest.mark.parametrize(
    ("code", "written", "heard"),
    [
        ("ru", "Вчера президент Байден встретился с премьером", "Biden"),
        ("uk", "Учора президент Зеленський прибув до столиці", "Zelenskyi"),
        ("el", "Χθες ο πρωθυπουργός Μητσοτάκης μίλησε στη βουλή", "Mitsotakis"),
        ("ar", "قال الرئيس بايدن اليوم في واشنطن", "Biden"),
        ("fa", "دیروز رئیس جمهور مکرون در پاریس گفت", "Macron"),
        ("hi", "कल प्रधानमंत्री मोदी ने दिल्ली में कहा", "Modi"),
        ("sr", "Јуче је председник Вучић рекао новинарима", "Vučić"),
        ("am", "ትናንት ፕሬዚዳንት ባይደን በዋሽንግተን ተናገሩ", "Biden"),
        ("ka", "გუშინ პრეზიდენტი ბაიდენი ვაშინგტონში იყო", "Baideni"),
    ],
)
@pytest.mark.parametrize("latin_in", ["speech", "article"])
def test_a_name_in_latin_letters_is_the_publishers(
    code: str, written: str, heard: str, latin_in: str
) -> None:
    words = written.split()
    local = next(w for w in words if transliterates(code, w, heard))
    other = written.replace(local, heard)
    shown, said = (written, other) if latin_in == "speech" else (other, written)
    found = aligned(code, shown, said)
    assert [word.text for word in found.words] == shown.split()
    assert [word.origin for word in found.words].count("respelled") == 1


def transliterates(code: str, written: str, heard: str) -> bool:
    language = languages.get(code)
    one, other = language.read([written]), language.read([heard])
    return in_one_script(one, other, language) != other


def test_serbian_in_either_alphabet_is_one_text() -> None:
    written = "Председник је јуче рекао да ће влада помоћи грађанима"
    found = aligned("sr", written, "Predsednik je juče rekao da će vlada pomoći građanima")
    assert " ".join(word.text for word in found.words) == written
    assert found.coverage.speech_in_article == 1


def test_hindi_in_latin_letters_is_shown_as_the_article_has_it() -> None:
    written = "प्रधानमंत्री ने कहा कि सरकार किसानों के लिए नई योजना बना रही है"
    heard = "pradhanmantri ne kaha ki sarkar kisanon ke liye nai yojana bana rahi hai"
    found = aligned("hi", written, heard)
    shown = [word.text for word in found.words]
    assert sum(word in written.split() for word in shown) >= 8
    assert found.coverage.speech_in_article >= 0.5


@pytest.mark.parametrize(
    ("code", "written", "heard"),
    [
        ("ru", "Вчера президент Байден встретился с премьером", "Trump"),
        ("hi", "कल प्रधानमंत्री मोदी ने दिल्ली में कहा", "Gandhi"),
        ("ru", "Никогда ещё такого здесь не было прежде", "nikogda"),  # a negation is not swapped
        ("ru", "Сегодня двадцать человек пришли на площадь", "tridtsat"),
    ],
)
def test_another_word_is_not(code: str, written: str, heard: str) -> None:
    for at in range(len(written.split())):
        words = written.split()
        words[at] = heard
        found = aligned(code, written, " ".join(words))
        assert heard in [word.text for word in found.words]


def test_text_in_one_script_is_left_as_it_is() -> None:
    language = languages.get("de")
    one, other = language.read(["Merkel", "sagte"]), language.read(["Märkl", "sagte"])
    assert in_one_script(one, other, language) == other


@pytest.mark.parametrize("code", ["en", "ru", "ja"])
def test_numbers_in_figures_have_no_script(code: str) -> None:
    language = languages.get(code)
    numbers = language.read(["2,015", "3", "١٢٣"])
    assert in_one_script(numbers, numbers, language) == numbers
    assert {match.op for match in aligned(code, "3 4 5", "3 4 5").matches} == {"same"}
