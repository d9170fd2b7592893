"""Who is named, and above all who is not."""

from __future__ import annotations

import pytest

from aligner import languages
from aligner.alignment.speaker_names import name_voices
from aligner.types import Article, CaptionWord, NameSuggestion, Paragraph, Voice

INTRO = "Finance Minister Karl Weber and union leader Julia Stein met Grace Addo on Monday."


def article(*paragraphs: str) -> Article:
    return Article(None, None, "en", tuple(Paragraph(text) for text in paragraphs))


def told(text: Article, *turns: tuple[str, str], tag: str = "en") -> tuple[Voice, ...]:
    """The voices by their turns: each a voice and its words, found in the article or not."""
    split = languages.get(tag).split
    written = [w.text for paragraph in text.paragraphs for w in split(paragraph.text)]
    words, at = [], 0
    for voice, said in turns:
        some = [w.text for w in split(said)]
        where = next(
            (k for k in range(len(written)) if written[k : k + len(some)] == some), None
        )  # fmt: skip
        for k, word in enumerate(some):
            index = None if where is None else where + k
            words.append(CaptionWord(word, at, at + 300, "spoken", 0.9, index, speaker=voice))
            at += 400
    voices = [Voice(one, f"Speaker {one}") for one in dict.fromkeys(v for v, _ in turns)]
    return name_voices(voices, words, text, tag)


def named(text: Article, *turns: tuple[str, str], tag: str = "en") -> dict[str, str | None]:
    """The names of voices."""
    return {voice.id: voice.name for voice in told(text, *turns, tag=tag)}


def suggested(text: Article, *turns: tuple[str, str]) -> dict[str, list[str]]:
    """The names that voices may have."""
    return {voice.id: [s.name for s in voice.suggestions] for voice in told(text, *turns)}


QUOTE = "“We planted twice and the sun took everything,”"
STOPPED = "“We planted twice and the sun took everything.”"


@pytest.mark.parametrize(
    ("paragraph", "name"),
    [
        (f"{QUOTE} said Karl Weber, who owns a field.", "Karl Weber"),
        (f"{QUOTE} Weber said.", "Karl Weber"),
        (f"{QUOTE} Weber told reporters in Geneva.", "Karl Weber"),
        (f"{QUOTE} Julia Stein told reporter Grace Addo.", "Julia Stein"),
        (f"{QUOTE} said Finance Minister Karl Weber in Geneva.", "Karl Weber"),
        (f"Weber answered in parliament. {QUOTE} he said.", "Karl Weber"),
        (f"His neighbour Grace Addo agrees. {STOPPED}", "Grace Addo"),
        (f"Weber said: {STOPPED}", "Karl Weber"),
        ("“Why did we plant at all then?” Stein asked.", "Julia Stein"),
        # who is meant is not said, or it is somebody else
        (STOPPED, None),
        (f"{QUOTE} she said.", None),
        (f"{QUOTE} a farmer said.", None),
        (f"{QUOTE} said a spokesman for Karl Weber.", None),
        (f"{QUOTE} a spokesman for Karl Weber said.", None),
        (f"{QUOTE} said Weber's lawyer.", None),
        (f"{QUOTE} said Weber aide Tom Smith.", None),
        (f"{QUOTE} Weber's lawyer said.", None),
        (f"{QUOTE} Moreno said.", None),
        (f"{QUOTE} the World Bank said.", None),
        (f"Friends of the late Karl Weber said: {STOPPED}", None),
        (f"A critic of Karl Weber said: {STOPPED}", None),
        (f"Weber was asked about it by Stein. {STOPPED}", None),
        (f"Weber said Stein told him: {STOPPED}", None),
        (f"{STOPPED} Stein said nothing.", None),
        (f"Karl Weber spoke for an hour. {STOPPED}", None),
    ],
)
def test_whose_words_are_quoted(paragraph: str, name: str | None) -> None:
    text = article(INTRO, paragraph)
    opening = paragraph.index("“")
    quote = paragraph[opening : paragraph.index("”") + 1]
    assert named(text, ("1", INTRO), ("2", quote)) == {"1": None, "2": name}


def test_a_last_name_of_two_people_names_nobody() -> None:
    text = article("Anna Weber met Karl Weber there.", f"{QUOTE} Weber said.")
    assert named(text, ("1", "Anna Weber met Karl Weber there."), ("2", QUOTE))["2"] is None


def test_a_name_that_is_also_a_word_is_that_of_the_person_only_where_it_is_the_subject() -> None:
    intro = "Prime Minister Theresa May arrived early in May."
    text = article(intro, f"{QUOTE} May said.", "“It may well rain again in May,” he said.")
    assert named(text, ("1", intro), ("2", QUOTE))["2"] == "Theresa May"
    assert named(text, ("1", intro), ("2", "“It may well rain again in May,”"))["2"] is None


def test_who_reads_the_article_is_not_whom_it_quotes() -> None:
    text = article(INTRO, f"{QUOTE} Weber said.")
    assert named(text, ("1", f"{INTRO} {QUOTE}"), ("2", "Nobody knows who I am."))["1"] is None


def test_who_reads_the_quotations_of_two_people_is_neither() -> None:
    other = "“It punishes everybody who saves,”"
    text = article(INTRO, f"{QUOTE} Weber said.", f"{other} Stein said.")
    assert named(text, ("1", INTRO), ("2", QUOTE), ("2", other))["2"] is None
    assert named(text, ("1", INTRO), ("2", QUOTE), ("3", other)) == {
        "1": None, "2": "Karl Weber", "3": "Julia Stein",
    }  # fmt: skip


def test_one_person_has_one_voice() -> None:
    more = "“Nobody in the villages has seen a bag,”"
    text = article(INTRO, f"{QUOTE} Weber said.", f"{more} Weber said.")
    turns = ("1", INTRO), ("2", QUOTE), ("3", more)
    assert set(named(text, *turns).values()) == {None}
    assert suggested(text, *turns) == {"1": [], "2": ["Karl Weber"], "3": ["Karl Weber"]}


def test_what_is_not_sure_is_a_suggestion() -> None:
    both = f"{QUOTE} Weber said at home."
    text = article(INTRO, both)
    _, voice = told(text, ("1", INTRO), ("2", both))
    assert voice.name is None
    why = "says 8 words that the article quotes of Karl Weber, and 4 other words of it"
    assert voice.suggestions == (NameSuggestion("Karl Weber", why),)
    assert suggested(text, ("1", f"{INTRO} {QUOTE}"), ("2", "Nobody."))["1"] == [], "mostly others"
    assert suggested(text, ("1", INTRO), ("2", QUOTE)) == {"1": [], "2": []}, "it has the name"


def test_fewer_than_five_words_name_nobody() -> None:
    text = article(INTRO, "“We planted it twice,” Weber said.")
    assert named(text, ("1", INTRO), ("2", "“We planted it twice,”"))["2"] is None


def test_labels_of_a_transcript() -> None:
    text = article(
        "RACHEL STERN: What went wrong with the water last week?",
        "MAYOR TOM BRADLEY: The old main broke in two places.",
        "HOST: That is all for today, thank you both.",
        "MAYOR BRADLEY: It was good of you to come.",
    )
    turns = [p.text.partition(": ")[2] for p in text.paragraphs]
    found = named(text, *((str(k), turn) for k, turn in enumerate(turns)))
    assert found == {"0": "Rachel Stern", "1": "Tom Bradley", "2": None, "3": "Mayor Bradley"}


@pytest.mark.parametrize(
    ("turn", "name"),
    [
        ("For world radio news, I'm Peter Hale.", "Peter Hale"),
        ("My name is Peter van Hale.", None),
        ("I am Peter Hale, and this is the news.", "Peter Hale"),
        ("I'm Peter Hale's brother.", None),
        ("I'm African American.", None),
        ("I'm Peter.", None),
        ("She told us, I am Peter Hale.", None),
        ("He said, I am Peter Hale.", None),
        ("This is Peter Hale.", None),
    ],
)
def test_who_says_his_own_name(turn: str, name: str | None) -> None:
    assert named(article(INTRO), ("1", INTRO), ("2", turn))["2"] == name


def test_who_reads_that_somebody_says_his_name_is_not_he() -> None:
    quote = "“I am Julia Stein, and I am here to stay,”"
    text = article(INTRO, f"{quote} the woman said.")
    assert named(text, ("1", INTRO), ("2", quote))["2"] is None


def test_who_reads_a_text_in_the_first_person_need_not_be_its_author() -> None:
    text = article(INTRO, "I am Peter Hale, and this is what I saw.")
    turns = ("1", INTRO), ("2", "I am Peter Hale, and this is what I saw.")
    assert named(text, *turns)["2"] is None


def test_whom_a_voice_introduces_right_before_another_begins() -> None:
    said = "Prices rise again. Grace Addo reports."
    assert named(article(INTRO), ("1", said), ("2", "It is early here.")) == {
        "1": None, "2": "Grace Addo",
    }  # fmt: skip
    assert (
        named(article(INTRO), ("1", "Grace Addo reports. Good night."), ("2", "Hm."))["2"] is None
    )
    joining = "Joining us now from Accra is Grace Addo."
    assert named(article(INTRO), ("1", joining), ("2", "It is early here."))["2"] == "Grace Addo"
    unknown = "Prices rise again. Jane Doe reports."
    assert named(article(INTRO), ("1", unknown), ("2", "It is early."))["2"] is None, "misspelt?"


def test_names_that_contradict_each_other_are_not_given() -> None:
    text = article(INTRO, f"{QUOTE} Weber said.")
    found = named(text, ("1", INTRO), ("2", QUOTE), ("2", "I'm Peter Hale."))
    assert found["2"] is None


def test_a_language_without_a_record_names_nobody() -> None:
    text = article(INTRO, f"{QUOTE} Weber said.")
    assert named(text, ("1", INTRO), ("2", QUOTE), tag="de")["2"] is None


def test_french_and_spanish() -> None:
    quote = "«Nous avons planté deux fois cette année»,"
    text = article("Le ministre Karl Weber est arrivé.", f"{quote} affirme Karl Weber.")
    turns = ("1", "Le ministre Karl Weber est arrivé."), ("2", quote)
    assert named(text, *turns, tag="fr")["2"] == "Karl Weber"
    quote = "“Hemos sembrado dos veces este año”,"
    text = article("El ministro Karl Weber ha llegado.", f"{quote} dijo Karl Weber.")
    turns = ("1", "El ministro Karl Weber ha llegado."), ("2", quote)
    assert named(text, *turns, tag="es")["2"] == "Karl Weber"
