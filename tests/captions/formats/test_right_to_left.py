"""Lines of languages that are written from right to left, with Latin names and digits in them."""

import pytest

from aligner.captions.formats import FORMATS
from aligner.captions.formats.base import PLAIN, Look
from aligner.types import CaptionResult, Captions, CaptionWord, Cue

RLM, RLE, PDF = "\u200f", "\u202b", "\u202c"
LINES = ("Biden قال إن 1,250 شخصا", "غادروا (نيروبي) إلى CNN.")


def rendered(kind: str, language: str, lines: tuple[str, ...], look: Look = PLAIN) -> str:
    words = tuple(
        CaptionWord(word, 100 * k, 100 * k + 90, "verified", 1.0)
        for k, word in enumerate(" ".join(lines).split())
    )
    captions = Captions(language, (Cue(0, 2000, lines, "verified"),), words)
    outcome = CaptionResult("captioned", "", "story", captions=captions)
    return FORMATS[kind].render(outcome, look)


@pytest.mark.parametrize("kind", ["vtt", "srt"])
@pytest.mark.parametrize("language", ["ar", "fa-IR", "prs", "ur", "he"])
def test_a_line_that_begins_with_a_latin_name_is_laid_out_from_the_right(
    kind: str, language: str
) -> None:
    text = rendered(kind, language, LINES)
    assert f"\n{RLM}{LINES[0]}\n{LINES[1]}" in text


def test_also_in_captions_with_styles_and_karaoke() -> None:
    text = rendered("vtt", "ar", LINES, Look(styled=True, karaoke=True))
    assert f"\n{RLM}<c.verified>Biden" in text


def test_drawn_captions_are_embedded_from_right_to_left() -> None:
    assert rf"{RLE}{LINES[0]}{PDF}\N{RLE}{LINES[1]}{PDF}" in rendered("ass", "ar", LINES)


@pytest.mark.parametrize("kind", ["vtt", "srt", "ass"])
def test_other_languages_have_no_marks(kind: str) -> None:
    text = rendered(kind, "en", ("Biden said قال", "so"))
    assert not set(text) & {RLM, RLE, PDF}
