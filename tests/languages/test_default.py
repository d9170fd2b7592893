"""The default record, for languages without one of their own."""

import pytest

from aligner import languages


def test_unspaced_scripts_are_split_where_icu_finds_words() -> None:
    words = languages.get("zh").split("“我们今天在北京讨论。”他说 Russia")
    assert "".join((" " if w.space_before else "") + w.text for w in words) == (
        " “我们今天在北京讨论。”他说 Russia"
    )
    assert len(words) > 5
    assert [w.text for w in words][-1] == "Russia"


def test_unspaced_scripts_are_said_by_the_character() -> None:
    atoms = languages.get("ja").say(["北京", "で"])
    assert [(a.text, a.word) for a in atoms] == [("北", 0), ("京", 0), ("で", 1)]


@pytest.mark.parametrize(
    ("text", "atoms"),
    [
        ("Él dijo: «¡No!»", ["el", "dijo", "no"]),
        ("Москва́ – Київ", ["москва", "київ"]),
        ("مرحبا، بالعالم", ["مرحبا", "بالعالم"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("l’Histoire", ["lhistoire"]),
    ],
)
def test_any_script_keeps_its_letters(text: str, atoms: list[str]) -> None:
    language = languages.get("xx")
    assert [a.text for a in language.say(text.split())] == atoms


def test_no_language_is_the_default() -> None:
    assert languages.get(None).code == "und"


@pytest.mark.parametrize("code", ["ar", "de", "en", "fr", "ja", "pl", "ru", "und", "zh"])
@pytest.mark.parametrize(
    "word",
    ["0¹", "G20²", "#²", "2015²", "٣²", "9" * 5000, "$" + "9" * 5000 + ".50", "#" + "9" * 5000],
    ids=lambda word: word[:8],
)
def test_footnotes_and_endless_numbers_are_read(code: str, word: str) -> None:
    assert languages.get(code).say(["May", word, "million"])
