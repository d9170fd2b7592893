"""Words that exclude each other, in every language that has records or a calendar."""

from __future__ import annotations

import pytest

from aligner import languages
from aligner.languages.contrasts import contradict


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "written", "heard"),
    [
        ("en", "Monday", "Sunday"),
        ("en", "late in March", "late in May"),
        ("en", "Southern Africa", "Northern Africa"),
        ("en", "his father", "his mother"),
        ("en", "prices rose", "prices fell"),
        ("de", "am Dienstag", "am Donnerstag"),
        ("de", "im Juni", "im Juli"),
        ("fr", "lundi", "mardi"),
        ("es", "el norte", "el sur"),
        ("ru", "5 июня", "5 июля"),
        ("uk", "понеділок", "неділя"),
        ("fi", "maanantai", "tiistai"),
        ("vi", "thứ hai", "thứ ba"),
        ("sw", "Jumatatu", "Jumanne"),
        ("ar", "الاثنين", "الثلاثاء"),
        ("am", "ሰኞ", "ማክሰኞ"),
    ],
)
def test_other_words_of_one_class_contradict(code: str, written: str, heard: str) -> None:
    language = languages.get(code)
    tokens = [[t.text for t in language.say(text.split())] for text in (written, heard)]
    assert contradict(language, *tokens)
    assert not contradict(language, tokens[0], tokens[0])


@pytest.mark.parametrize(
    ("code", "written", "heard"),
    [
        ("en", "Monday", "Mundy"),
        ("en", "he", "the"),
        ("en", "the north and the south", "the south and the north"),
        ("en", "May", "may"),
        ("de", "Mittwoch", "mit Woche"),
        ("vi", "thứ", "thủ"),
        ("zh", "月", "日"),
        ("ja", "水曜日", "木曜日の水"),
        ("und", "a", "b"),
    ],
)
def test_other_words_do_not(code: str, written: str, heard: str) -> None:
    language = languages.get(code)
    tokens = [[t.text for t in language.say(text.split())] for text in (written, heard)]
    assert not contradict(language, *tokens)


@pytest.mark.parametrize("code", sorted(languages.LANGUAGES))
def test_the_lists_of_a_record_have_two_words_and_more(code: str) -> None:
    assert all(len(words) > 1 for words in languages.get(code).contrasts)
