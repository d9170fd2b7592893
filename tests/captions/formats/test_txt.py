"""Outcome -> plain text: what was said, or the article."""

import pytest

from aligner.captions.formats.txt import render
from aligner.types import Article, CaptionResult, Captions, CaptionWord, Origin, Paragraph, Role

PARAGRAPHS: tuple[tuple[Role, str], ...] = (
    ("title", "Rain in Mali"),
    ("summary", "The river rose."),
    ("caption", "A man in a boat (AP)"),
    ("body", "The water has begun to fall."),
    ("heading", "What is left"),
    ("body", "They want tents."),
)
ARTICLE = Article(None, "Rain in Mali", "en", tuple(Paragraph(t, r) for r, t in PARAGRAPHS))


def heard(*spoken: tuple[str, int | None], pause_before: int | None = None) -> CaptionResult:
    """An outcome in which each word takes half a second."""
    words = []
    for k, (text, index) in enumerate(spoken):
        late = 3000 if pause_before is not None and k >= pause_before else 0
        start = k * 500 + late
        origin: Origin = "verified" if index is not None else "spoken"
        words.append(CaptionWord(text, start, start + 500, origin, 0.9, index))
    captions = Captions("en", (), tuple(words))
    return CaptionResult("captioned", "", "x", article=ARTICLE, captions=captions)


def test_without_captions_it_is_the_article() -> None:
    assert render(CaptionResult("no_media", "none", "x", article=ARTICLE)) == (
        "Rain in Mali\n\nThe river rose.\n\nThe water has begun to fall.\n\nWhat is left\n\n"
        "They want tents.\n\n[Photo caption] A man in a boat (AP)\n"
    )


def test_a_title_that_is_no_paragraph_comes_first() -> None:
    article = Article(None, "Rain", "en", (Paragraph("It rains."),))
    assert render(CaptionResult("no_media", "", "x", article=article)) == "Rain\n\nIt rains.\n"


@pytest.mark.parametrize("article", [None, Article(None, None, None, ())])
def test_without_either_there_is_nothing(article: Article | None) -> None:
    assert render(CaptionResult("no_media", "", "x", article=article)) == ""


def test_what_was_said_breaks_as_the_article_does() -> None:
    said = heard(
        *(("The", 3), ("river", 4), ("rose.", 5)),
        *(("The", 12), ("water", 13), ("has", 14), ("begun", 15), ("to", 16), ("fall.", 17)),
        *(("They", 21), ("want", 22), ("tents.", 23)),
    )
    assert render(said) == ("The river rose.\n\nThe water has begun to fall.\n\nThey want tents.\n")


def test_other_speech_is_a_paragraph_of_its_own() -> None:
    intro = [(word, None) for word in "And now the news from Mali.".split()]
    said = heard(*intro, ("The", 12), ("water", 13), ("uh", None), ("falls.", 17))
    assert render(said) == "And now the news from Mali.\n\nThe water uh falls.\n"


def test_an_aside_within_a_paragraph_stays_there() -> None:
    aside = [(word, None) for word in "as we can see here today".split()]
    said = heard(("The", 12), ("water", 13), *aside, ("falls.", 17))
    assert render(said) == "The water as we can see here today falls.\n"


def test_a_long_pause_begins_a_paragraph() -> None:
    said = heard(("One", None), ("two", None), ("three", None), pause_before=2)
    assert render(said) == "One two\n\nthree\n"


def test_indices_that_the_article_does_not_have_break_nothing() -> None:
    assert render(heard(("One", 3), ("two", 400))) == "One two\n"


def test_words_without_spaces_are_joined() -> None:
    words = tuple(
        CaptionWord(t, k * 500, k * 500 + 500, "spoken", 0.9, None, space_before=False)
        for k, t in enumerate(("中国", "人民"))
    )
    assert (
        render(CaptionResult("captioned", "", "x", captions=Captions("zh", (), words)))
        == "中国人民\n"
    )


def test_strange_characters_do_not_break_lines() -> None:
    article = Article(None, "A\u2028B\0\ud800", "en", ())
    assert render(CaptionResult("no_media", "", "x", article=article)) == "A B\ufffd\n"
