"""Language tags, as containers and file names have them."""

import pytest

from aligner.captions import lint
from aligner.languages.tags import alpha3, declared_tag, is_language, own_name, tag_of


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("en", "eng"), ("pt-BR", "por"), ("zh-Hant", "zho"), ("yue", "yue"), ("x y", "und")],
)
def test_languages_have_three_letters(tag: str, expected: str) -> None:
    assert alpha3(tag) == expected


@pytest.mark.parametrize(
    ("tag", "expected"), [("en", True), ("pt-BR", True), ("hd", False), ("captions", False)]
)
def test_valid_tags_are_languages(tag: str, expected: bool) -> None:
    assert is_language(tag) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("story.fr.vtt", "fr"),
        ("a/b.c/story.pt-BR.srt", "pt-BR"),
        ("story.vtt", None),
        ("story.hd.vtt", None),
        ("fr.vtt", None),
    ],
)
def test_a_file_name_may_tell_the_language(name: str, expected: str | None) -> None:
    assert lint.language_of(name) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "English"),
        ("en-US", "English (United States)"),
        ("ru", "Русский"),
        ("fa", "فارسی"),
        ("zh", "中文"),
        ("pt-BR", "Português (Brasil)"),
        ("und-x", "und-x"),
        ("", ""),
        ("x y", "x y"),
    ],
)
def test_a_language_has_a_name_of_its_own(tag: str, expected: str) -> None:
    assert own_name(tag) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("en", "en"),
        ("pt-BR", "pt-BR"),
        ("English", "en"),
        (" ukrainian ", "uk"),
        ("Deutsch", "de"),
        ("Русский", "ru"),
        ("العربية", "ar"),
        ("Brazilian Portuguese", "pt-BR"),
        ("Persian", "fa"),
    ],
)
def test_languages_are_given_by_tag_or_by_name(given: str, expected: str) -> None:
    assert tag_of(given) == expected


@pytest.mark.parametrize("given", ["", "Klingonish", "hd", "e n", "-", "\ud800"])
def test_what_is_no_language_says_so(given: str) -> None:
    with pytest.raises(ValueError, match="a name such as English"):
        tag_of(given)


@pytest.mark.parametrize(
    ("declared", "tag"),
    [
        ("en", "en"), ("EN-gb", "en-gb"), ("en_US", "en-US"), ("eng", "en"), ("eng_US", "en-US"),
        ("ger", "de"), ("deu", "de"), ("fre", "fr"), ("chi", "zh"), ("fil", "fil"), ("yue", "yue"),
        ("English", "en"), ("Deutsch", "de"), ("English (US)", "en"), ("GERMAN", "de"),
        ("und", None), ("mul", None), ("zxx", None), ("", None), ("{{ lang }}", None),
        ("captions", None),
    ],
)  # fmt: skip
def test_what_pages_declare_as_a_language(declared: str, tag: str | None) -> None:
    assert declared_tag(declared) == tag
