"""Whatever is written and whatever is said: what always holds of an alignment."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_match import article

from aligner import languages
from aligner.alignment import matching
from aligner.languages import normalise
from aligner.types import Alignment, EngineInfo, Paragraph, Span, Transcript, Word

COMMON = "the a of to and in is it was on".split()
RARE = (
    "river harbour minister council winter bridge ferry engine doctor window silver garden market "
    "Lindqvist Oslo Boateng Darmstadt build-up ceasefire colour"
).split()
ODD = (
    "2015 250,000 1.3 $4.7 billion 5% 9/11 3:17 p.m. September 15 U.N. Dr. No. 1 — … “so” U.S. "
    "Elizabeth II & § @handle voanews.com 60-nation 10-15 it's States’ ½ 50 fifteen twenty-two"
).split()
STRANGE = ["мост", "世界", "مرحبا", "\u200b", "’", "--", "🙂", "é", "l’eau", "1,2,3", "£", "ⅳ"]

written_words = st.lists(
    st.one_of(
        st.sampled_from(COMMON),
        st.sampled_from(RARE),
        st.sampled_from(ODD),
        st.sampled_from(STRANGE),
    ),
    max_size=60,
)
anything = st.lists(st.text(min_size=1, max_size=6).filter(lambda t: t.split() == [t]), max_size=12)
codes = st.sampled_from([*sorted(languages.LANGUAGES), "sv", "th"])


def transcript(words: Sequence[str], language: str) -> Transcript:
    """Words with uneven times and scores."""
    heard = tuple(
        Word(w, k * 400, k * 400 + 150 + 37 * (k % 9), (k % 10) / 10, k % 7 != 3)
        for k, w in enumerate(words)
    )
    return Transcript(language, heard, EngineInfo("recorded", "test"))


@st.composite
def edited(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """A text, and the same with spans left out, put in, moved and read twice."""
    text = draw(written_words)
    spoken = list(text)
    for _ in range(draw(st.integers(0, 4))):
        a = draw(st.integers(0, len(spoken)))
        b = draw(st.integers(a, min(len(spoken), a + 15)))
        kind = draw(st.sampled_from(["leave out", "put in", "move", "again"]))
        span = spoken[a:b]
        if kind == "put in":
            spoken[a:a] = draw(written_words.map(lambda words: words[:12]))
        elif kind == "again":
            spoken[b:b] = span
        else:
            del spoken[a:b]
            if kind == "move":
                at = draw(st.integers(0, len(spoken)))
                spoken[at:at] = span
    return text, spoken


def check(text: list[str], spoken: Transcript, found: Alignment) -> None:
    spans = [m.spoken for m in found.matches if m.spoken]
    assert [j for span in spans for j in range(span.start, span.end)] == list(
        range(len(spoken.words))
    ), "every spoken word is in exactly one place, in order"
    starts = [w.start_ms for w in found.words]
    assert starts == sorted(starts)
    end = max((w.end_ms for w in spoken.words), default=0)
    assert all(0 <= w.start_ms <= w.end_ms <= end for w in found.words)
    shown_as_heard(spoken, found)
    nothing_lost(text, found)
    for stretch, after in pairwise(found.stretches):
        assert stretch.spoken.end == after.spoken.start
        assert stretch.in_article != after.in_article
    assert sum(len(s.spoken) for s in found.stretches) == len(spoken.words)
    assert 0 <= found.coverage.speech_in_article <= 1
    assert 0 <= found.coverage.article_in_speech <= 1


def shown_as_heard(spoken: Transcript, found: Alignment) -> None:
    """What is not the article's is as heard; what is verified was heard so."""
    theirs = [
        j
        for m in found.matches
        if m.op in ("changed", "extra_speech") and m.spoken
        for j in range(m.spoken.start, m.spoken.end)
    ]
    own = sorted(spoken.words[j].text for j in theirs)
    assert sorted(w.text for w in found.words if w.origin == "spoken") == own
    for m in found.matches:
        if m.op == "same" and m.spoken and m.article:
            shown = [
                normalise(w.text)
                for w in found.words
                if w.article_word is not None
                and m.article.start <= w.article_word < m.article.end
                and spoken.words[m.spoken.start].start_ms
                <= w.start_ms
                <= spoken.words[m.spoken.end - 1].end_ms
            ]
            heard = [normalise(w.text) for w in spoken.words[m.spoken.start : m.spoken.end]]
            assert "".join(heard) in "".join(shown)


def nothing_lost(text: list[str], found: Alignment) -> None:
    """Each of the article's words with a sound is spoken or reported as unspoken, never both."""
    unspoken: list[int] = []
    spoken: set[int] = set()
    for m in found.matches:
        if m.article:
            places = range(m.article.start, m.article.end)
            if m.op == "not_spoken":
                unspoken += places
            else:
                spoken.update(places)
    assert len(unspoken) == len(set(unspoken))
    assert not spoken & set(unspoken)
    sounding = {i for i, word in enumerate(text) if normalise(word)}
    assert sounding <= spoken | set(unspoken)
    for word in found.words:
        if word.article_word is not None:
            assert word.text.split(" ")[0] == text[word.article_word]  # dashes may follow
            assert word.article_word in spoken


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(edited())
def test_any_edit_of_any_text(pair: tuple[list[str], list[str]]) -> None:
    text, spoken = pair
    heard = transcript(spoken, "en")
    check(text, heard, matching.align(article(" ".join(text)), heard))


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(codes, st.one_of(written_words, anything), st.one_of(written_words, anything))
def test_any_language_and_any_characters(code: str, text: list[str], spoken: list[str]) -> None:
    language = languages.get(code)
    words = [w.text for w in language.split(" ".join(text))]
    heard = transcript(spoken, code)
    check(words, heard, matching.align(article(" ".join(text)), heard))


@settings(deadline=None, max_examples=40)
@given(codes, st.one_of(written_words, anything))
def test_every_word_with_a_sound_can_be_shown(code: str, text: list[str]) -> None:
    language = languages.get(code)
    words = [w.text for w in language.split(" ".join(text))]
    groups = language.read(words)
    owners = [a.word for g in groups for a in g.usual]
    assert owners == sorted(owners)
    assert {i for i, w in enumerate(words) if normalise(w)} <= set(owners)
    for group in groups:
        for reading in group.readings:
            assert all(atom.text for atom in reading)
            if group.usual:
                assert {a.word for a in reading} == {a.word for a in group.usual}


@settings(deadline=None, max_examples=25)
@given(written_words.filter(lambda words: len(words) > 8))
def test_what_is_read_as_written_is_shown_as_written(text: list[str]) -> None:
    heard = transcript(text, "en")
    found = matching.align(article(" ".join(text)), heard)
    sounding = sorted({atom.word for atom in languages.get("en").say(text)})
    assert [w.text.split(" ")[0] for w in found.words] == [text[i] for i in sounding]
    assert all(w.origin == "verified" for w in found.words)


@pytest.mark.parametrize("code", ["en", "zh", "und"])
def test_an_empty_article_and_transcript_align(code: str) -> None:
    found = matching.align(article(), transcript([], code))
    assert not (found.words)
    assert not (found.matches)
    assert not (found.sentences)
    assert not found.stretches


def test_photo_captions_are_no_sentences() -> None:
    text = article(Paragraph("A photo of a ship.", "caption"), "The ship came home.")
    found = matching.align(text, transcript("The ship came home.".split(), "en"))
    assert [s.article for s in found.sentences] == [Span(5, 9)]
