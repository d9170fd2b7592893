"""Styled and karaoke WebVTT: each word of a cue's lines with its origin and its time."""

import re
from dataclasses import replace
from html import unescape

import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import outcome, words

from aligner.captions.formats import Look
from aligner.captions.formats.vtt import render, timestamp
from aligner.captions.formats.vtt_check import breaches
from aligner.captions.formats.word_spans import by_word
from aligner.types import Captions, CaptionWord, Cue

SAID = words("Tell AT&T that Lavroff left at noon")
SAID = (*SAID[:3], replace(SAID[3], text="Lavrov", origin="respelled"), *SAID[4:])
CUES = (
    Cue(0, 1500, ("- Tell AT&T that", "Lavrov"), "respelled"),
    Cue(1580, 3000, ("left at noon",), "verified"),
)


def test_origins_become_classes() -> None:
    text = render(outcome(*CUES, words=SAID), Look(styled=True))
    assert breaches(text) == ()
    assert "\n- <c.verified>Tell AT&amp;T that</c>\n<c.respelled>Lavrov</c>\n" in text
    read = webvtt.from_string(text, strict=True)
    assert "::cue(.respelled)" in read.styles[0].text
    assert [unescape(c.text) for c in read.captions] == ["- Tell AT&T that\nLavrov", "left at noon"]


def test_karaoke_tells_when_each_word_is_said() -> None:
    text = render(outcome(*CUES, words=SAID), Look(karaoke=True))
    assert breaches(text) == ()
    assert "\n- Tell <00:00:00.400>AT&amp;T <00:00:00.800>that\n<00:00:01.200>Lavrov\n" in text
    assert "\n<00:00:01.600>left <00:00:02.000>at <00:00:02.400>noon\n" in text


def test_both_together() -> None:
    text = render(outcome(*CUES, words=SAID), Look(karaoke=True, styled=True))
    assert breaches(text) == ()
    assert "<c.respelled><00:00:01.200>Lavrov</c>" in text


def test_plain_captions_have_neither() -> None:
    assert not re.search(r"<|STYLE", render(outcome(*CUES, words=SAID)))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("[music]", "Tell AT&T"), [("[music]", None), ("Tell", 0), ("AT&T", 1)]),
        (("that Lavrov",), [("that", 2), ("Lavrov", 3)]),  # two words are missing from the cue
        (("TellAT&T",), [("Tell", 0), ("AT&T", 1)]),  # written without a space between
    ],
)
def test_words_are_found_in_lines(
    lines: tuple[str, ...], expected: list[tuple[str, int | None]]
) -> None:
    (found,) = by_word(Captions("en", (Cue(0, 3000, lines, "spoken"),), SAID))
    pieces = [piece for line in found for piece in line]
    assert [(p.text, p.word and SAID.index(p.word)) for p in pieces] == expected


WORD = st.builds(
    CaptionWord,
    text=st.sampled_from(["a", "a-b", "<b>", "&amp;", "-->", "x\ny", "水", "", "ab"]),
    start_ms=st.integers(0, 5000),
    end_ms=st.integers(0, 6000),
    origin=st.sampled_from(["verified", "spoken"]),
    score=st.just(1.0),
    space_before=st.booleans(),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(said=st.lists(WORD, max_size=12), extra=st.sampled_from(["", "- ", "[music] "]))
def test_any_words_make_a_valid_file_with_the_same_text(
    said: list[CaptionWord], extra: str
) -> None:
    line = extra + "".join((" " if w.space_before else "") + w.text for w in said) + " end"
    cue = Cue(0, 6000, (line,), "spoken")
    made = outcome(cue, words=tuple(sorted(said, key=lambda w: w.start_ms)))
    plain = webvtt.from_string(render(made)).captions[0].text
    text = render(made, Look(styled=True, karaoke=True))
    assert breaches(text) == ()
    assert webvtt.from_string(text).captions[0].text == plain


@pytest.mark.slow
def test_a_long_recording_takes_no_time_at_all() -> None:
    said = words("word " * 30_000)
    cues = tuple(
        Cue(k * 4000, k * 4000 + 3900, ("word " * 9 + "word",), "verified") for k in range(3000)
    )
    found = by_word(Captions("en", cues, said))
    assert all(piece.word for lines in found for piece in lines[0])
    assert found[-1][0][-1].word == said[-1]
    assert timestamp(said[-1].start_ms) == "03:19:59.600"
