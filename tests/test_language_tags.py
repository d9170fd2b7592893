"""Language tags, as containers and file names have them."""

import pytest

from aligner import lint
from aligner.language_tags import alpha3, is_language


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("en", "eng"), ("pt-BR", "por"), ("zh-Hant", "zho"), ("yue", "yue"), ("x y", "und")],
)
def test_languages_have_three_letters(tag: str, expected: str) -> None:
    assert alpha3(tag) == expected


@pytest.mark.parametrize(
    ("tag", "expected"), [("en", True), ("pt-BR", True), ("hd", False), ("captions", False)]
)
def test_what_is_a_language(tag: str, expected: bool) -> None:
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
