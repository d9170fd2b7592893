"""The sidecar's writer and its reader, against each other: nothing that a format needs is lost."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import CUES, outcome, told, words
from test_sidecar import FULL

from aligner.captions.formats import FORMATS, JSON, Look, sidecar, sidecar_reader
from aligner.types import (
    STATUSES,
    Alignment,
    Article,
    CaptionResult,
    Captions,
    CaptionWord,
    Coverage,
    Cue,
    Divergence,
    DivergenceKind,
    MediaKind,
    MediaLink,
    Origin,
    Paragraph,
    Role,
    Sentence,
    SentenceKind,
    Span,
    SpeechRegion,
)

texts = st.text(st.characters(codec="utf-8") | st.sampled_from("\ud83d\x00\u2028-->"), max_size=12)
times = st.integers(0, 10**9)
shares = st.floats(0, 1) | st.just(float("nan"))
spans = st.tuples(st.integers(0, 10**5), st.integers(1, 99)).map(lambda p: Span(p[0], sum(p)))


def one_of(literal: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(literal))


ORIGINS = one_of(Origin)

cues = st.builds(
    lambda start, length, lines, origin: Cue(start, start + length, lines, origin),
    times, st.integers(1, 9000), st.lists(texts, max_size=3).map(tuple), ORIGINS,
)  # fmt: skip
shown = st.builds(
    CaptionWord, texts, times, times, ORIGINS, shares, st.none() | st.integers(0, 10**5),
    st.booleans(), speaker=st.none() | texts, heard=st.none() | texts,
)  # fmt: skip
captions = st.builds(
    Captions,
    st.sampled_from(["en", "ar", "zh-Hant", ""]),
    st.lists(cues, max_size=4).map(lambda found: tuple(sorted(found, key=lambda c: c.start_ms))),
    st.lists(shown, max_size=5).map(tuple),
)
alignments = st.builds(
    Alignment,
    st.just(()),
    st.builds(Coverage, shares, shares),
    divergence=st.lists(
        st.builds(
            Divergence,
            one_of(DivergenceKind),
            st.none() | spans,
            st.none() | times,
            st.none() | times,
            texts,
        ),
        max_size=2,
    ).map(tuple),
    sentences=st.lists(
        st.builds(
            Sentence,
            spans,
            one_of(SentenceKind),
            shares,
            st.none() | times,
            st.none() | times,
            texts,
        ),
        max_size=2,
    ).map(tuple),
    stretches=st.lists(
        st.builds(SpeechRegion, st.just(Span(0, 1)), st.booleans(), times, times, texts), max_size=2
    ).map(tuple),
)
articles = st.builds(
    Article, st.none(), st.none() | texts, st.none() | st.sampled_from(["en", "ru"]),
    st.lists(st.builds(Paragraph, texts, one_of(Role)), max_size=3).map(tuple),
)  # fmt: skip
medias = st.builds(
    MediaLink,
    st.sampled_from(["https://a.example/b c.mp4", "file.mp3"]),
    one_of(MediaKind),
    st.just("html5"),
)
CHOSEN = {
    "captions": st.none() | captions,
    "alignment": st.none() | alignments,
    "article": st.none() | articles,
    "media": st.none() | medias,
    "duration_ms": st.none() | times,
    "file": st.none(),
    "not_understood": st.lists(spans, max_size=2).map(tuple),
}
OTHERS = {f.name: ... for f in dataclasses.fields(CaptionResult) if f.name not in CHOSEN}
"""Also those that are added one day."""
outcomes = st.builds(CaptionResult, **CHOSEN, **OTHERS)
looks = st.builds(Look, st.just("a"), st.booleans(), st.booleans(), st.integers(0, 2**33 - 1))


@pytest.mark.slow
@settings(max_examples=40)
@given(outcomes, looks)
def test_what_is_written_is_read_and_written_as_it_was(made: CaptionResult, look: Look) -> None:
    text = JSON.render(made, look)
    again, record = sidecar_reader.read(text)
    dressed = sidecar_reader.look_of(record)
    assert JSON.render(again, dressed) == text
    assert dataclasses.replace(dressed, name="a") == look


def kept(made: CaptionResult) -> CaptionResult:
    return sidecar_reader.read(JSON.render(made, Look()))[0]


DRESSED = Look("story", styled=True, karaoke=True, mpegts=126_000)
SAID = words("Good evening. He said: “AT&T is < 5 %, and a --> b”")
SECTIONS = (
    Paragraph("Rain", "title"),
    Paragraph("It rains. It rained before."),
    Paragraph("Snow", "heading"),
    Paragraph("It snows."),
)
READ = told([("It rains.", "spoken", 0), ("It snows.", "reworded", 4000)], *SECTIONS)


@pytest.mark.parametrize("look", [Look("story"), DRESSED], ids=["plain", "dressed"])
@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "json"])
@pytest.mark.parametrize(
    "made", [outcome(*CUES[:4], words=SAID), READ, FULL], ids=["cues", "read", "full"]
)
def test_every_format_is_the_same_from_the_sidecar(
    made: CaptionResult, kind: str, look: Look
) -> None:
    """But for shares and scores, which a sidecar rounds: files are made of what it holds."""
    form, rounded = FORMATS[kind], _rounded(made)
    assert form.render(kept(rounded), look) == form.render(rounded, look)
    if form.beside:
        assert form.beside(kept(rounded), look) == form.beside(rounded, look)


def _rounded(made: CaptionResult) -> CaptionResult:
    assert made.captions
    assert made.alignment or kept(made).alignment is None
    shown = tuple(
        dataclasses.replace(w, score=k.score)
        for w, k in zip(made.captions.words, kept(made).captions.words, strict=True)  # type: ignore[union-attr]
    )
    alignment = made.alignment and dataclasses.replace(
        made.alignment,
        coverage=kept(made).alignment.coverage,  # type: ignore[union-attr]
        sentences=kept(made).alignment.sentences,  # type: ignore[union-attr]
    )
    captions = dataclasses.replace(made.captions, words=shown)
    return dataclasses.replace(made, captions=captions, alignment=alignment)


@pytest.mark.parametrize("status", STATUSES)
def test_outcomes_without_captions_are_read_as_they_were(status: str) -> None:
    made = CaptionResult(next(s for s in STATUSES if s == status), "why", "page.html")
    assert kept(made) == made


def test_what_older_sidecars_lack_may_be_missing() -> None:
    record = json.loads(JSON.render(FULL, DRESSED))
    lists = ("sentences", "stretches", "divergence", "article", "not_understood")
    for name in ("declared", "look", "engine", *lists):
        del record[name]
    del record["media"]["sha256"]
    made, read = sidecar_reader.read(json.dumps(record))
    assert made.captions == kept(FULL).captions
    assert sidecar_reader.look_of(read) == Look()
    for form in FORMATS.values():
        form.render(made, Look("story"))


def test_fields_that_are_not_known_here_are_passed_over() -> None:
    record = json.loads(JSON.render(FULL, Look()))
    record |= {"mood": "fair"}
    record["words"][0]["colour"] = "red"
    assert sidecar_reader.read(json.dumps(record))[0] == kept(FULL)


@pytest.mark.parametrize("schema", ["aligner/2", "aligner/17"])
def test_a_later_schema_is_named(schema: str) -> None:
    text = JSON.render(FULL, Look()).replace("aligner/1", schema)
    with pytest.raises(sidecar.LaterSchema, match=rf"later aligner, in schema {schema}"):
        sidecar_reader.read(text)


@pytest.mark.parametrize(
    ("change", "edited"),
    [
        ({}, False),
        ({"corrections": 1}, True),
        ({"words": [{"origin": "edited"}]}, True),
        ({"cues": [{"origin": "edited"}]}, True),
        ({"words": None, "cues": [1, {}]}, False),
    ],
)
def test_whether_a_person_has_corrected_it(change: dict[str, object], edited: bool) -> None:
    record = json.loads(JSON.render(FULL, Look())) | change
    assert sidecar_reader.is_edited(record) == edited
