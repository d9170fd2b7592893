"""The edges of what is read: a name that opens a paragraph and was misheard has its place."""

import pytest
from test_match import article, heard, shown

from aligner.alignment import matching
from aligner.review.issues import to_look_at
from aligner.types import Alignment, Paragraph, Span

TITLE = Paragraph("A ferry of thirty years ends its service on the river this winter", "title")
FIRST = "The last boat left the pier at six, with nobody on board but a dog and its two owners."
LEFT_OUT = "Tickets had cost nine crowns since the year of the great flood, and children were free."
SECOND = "Penhallow has rowed across the river since her father went blind and gave her the oars."
THIRD = "The council will sell the boat to a museum, says {}."


def changed(found: Alignment) -> list[tuple[str, Span | None]]:
    return [(d.text, d.article) for d in found.divergence if d.kind == "changed"]


def written(found: Alignment, paragraphs: list[str | Paragraph]) -> list[str]:
    """What the article has where the speech differs."""
    texts = (p.text if isinstance(p, Paragraph) else p for p in paragraphs)
    words = " ".join(texts).split()
    return [" ".join(words[a.start : a.end]) for _, a in changed(found) if a]


MISHEARD: dict[str, tuple[list[str | Paragraph], str]] = {
    "first of all": ([TITLE, SECOND], SECOND.replace("Penhallow", "Penelope")),
    "after unspoken text": (
        [TITLE, FIRST, LEFT_OUT, SECOND],
        f"{FIRST} {SECOND.replace('Penhallow', 'Penelope')}",
    ),
    "after extra speech": (
        [TITLE, FIRST, LEFT_OUT, SECOND],
        f"{FIRST} And now the news that nobody wrote down anywhere. "
        f"{SECOND.replace('Penhallow', 'Penelope')}",
    ),
    "as two words": (
        [TITLE, FIRST, LEFT_OUT, SECOND],
        f"{FIRST} {SECOND.replace('Penhallow', 'Penny Lane')}",
    ),
}


@pytest.mark.parametrize(("paragraphs", "speech"), MISHEARD.values(), ids=MISHEARD)
def test_a_misheard_name_that_opens_a_paragraph_is_paired(
    paragraphs: list[str | Paragraph], speech: str
) -> None:
    found = matching.align(article(*paragraphs), heard(speech))
    assert shown(found) == speech  # nothing is certain enough to be respelled
    assert written(found, paragraphs) == ["Penhallow"]
    assert all(d.text != "Penelope" for d in found.divergence if d.kind == "extra_speech")


@pytest.mark.parametrize(("llr", "result"), [(-9.0, "Penhallow"), (-15.0, "Penelope")])
def test_rescoring_decides_about_an_opening_name(llr: float, result: str) -> None:
    """The name stands within a sentence too, so that its capital is a name's."""
    paragraphs: list[str | Paragraph] = [
        TITLE,
        FIRST,
        LEFT_OUT,
        SECOND,
        THIRD.format("Penhallow, who is 61"),
    ]
    speech = f"{FIRST} {SECOND.replace('Penhallow', 'Penelope')}"
    found = matching.align(article(*paragraphs), heard(speech), lambda *_: llr)
    assert shown(found) == speech.replace("Penelope", result)


def test_a_similar_name_is_respelled_without_rescoring() -> None:
    speech = f"{FIRST} {SECOND.replace('Penhallow', 'Penhollow')}"
    found = matching.align(article(TITLE, FIRST, LEFT_OUT, SECOND), heard(speech))
    assert shown(found) == speech.replace("Penhollow", "Penhallow")


def test_a_name_that_closes_a_paragraph_is_paired() -> None:
    paragraphs: list[str | Paragraph] = [FIRST, THIRD.format("Penhallow"), LEFT_OUT, SECOND]
    speech = f"{FIRST} {THIRD.format('Penelope')}"
    found = matching.align(article(*paragraphs), heard(speech))
    assert written(found, paragraphs) == ["Penhallow."]


@pytest.mark.parametrize(
    "said",
    [
        "They have rowed across the river since her father went blind and gave her the oars.",
        "Them has rowed across the river since her father went blind and gave her the oars.",
    ],
)
def test_function_words_that_open_a_sentence_are_no_names(said: str) -> None:
    """ "Then" is not put in the place of "They", however like it is."""
    opens = said.split()[0]
    paragraphs = [FIRST, LEFT_OUT, said.replace(opens, "Then", 1)]
    found = matching.align(article(*paragraphs), heard(f"{FIRST} {said}"))
    assert shown(found) == f"{FIRST} {said}"


def test_extra_speech_beside_unspoken_text_stays_extra() -> None:
    extra = "This is the evening programme of the district radio and I am your host."
    found = matching.align(
        article(TITLE, FIRST, LEFT_OUT, SECOND), heard(f"{FIRST} {extra} {SECOND}")
    )
    assert not changed(found)
    assert [d.text for d in found.divergence if d.kind == "extra_speech"] == [extra]


def test_an_unresolved_opening_is_a_review_item(tmp_path: object) -> None:
    from aligner.captions.profiles import PROFILES
    from aligner.captions.segmentation import CueOptions, make_cues
    from aligner.types import CaptionResult

    paragraphs, speech = MISHEARD["after unspoken text"]
    written_article = article(*paragraphs)
    found = matching.align(written_article, heard(speech))
    captions = make_cues(found.words, "en", PROFILES["netflix"], 60_000, CueOptions())
    outcome = CaptionResult(
        "captioned", "", "x", article=written_article, alignment=found, captions=captions
    )
    (place,) = [p for p in to_look_at(outcome) if p.group == "name"]
    assert (place.written, place.said) == ("Penhallow", "Penelope")
