"""Outcome -> the JSON sidecar."""

import json
from dataclasses import replace

import pytest

from aligner.captions.formats.sidecar import read_status, render
from aligner.captions.formats.sidecar_reader import read
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
    EngineInfo,
    MediaLink,
    Paragraph,
    PlayerMetadata,
    Sentence,
    Span,
    SpeechRegion,
    TimingInfo,
)

FULL = CaptionResult(
    status="captioned",
    reason="75% of the speech is in the article",
    source="https://example.org/s.html",
    url="https://example.org/news/s.html",
    article=Article("https://example.org/s.html", "Rain", "en", (Paragraph("It rains."),)),
    declared=PlayerMetadata(197_000, "Rain", says_no_media=False),
    media=MediaLink("https://example.org/s.mp3", "audio", "html5"),
    duration_ms=1800,
    sha256="ab" * 32,
    engine=EngineInfo("ctranslate2", "base", "1.2.1"),
    alignment=Alignment(
        matches=(),
        coverage=Coverage(0.75, 1 / 3),
        divergence=(
            Divergence("extra_speech", None, 900, 1500, "“Today.”"),
            Divergence("not_spoken", Span(2, 5), None, None, "as it did"),
        ),
        sentences=(Sentence(Span(0, 5), "reworded", 1 / 3, 0, 1500, "It rains as it did."),),
        stretches=(SpeechRegion(Span(0, 2), True, 0, 1500, "It today."),),
    ),
    captions=Captions(
        "en",
        (Cue(0, 1500, ("It rains", "today."), "spoken"),),
        (
            CaptionWord("It", 0, 300, "verified", 0.98765, 0),
            CaptionWord("today.", 900, 1500, "spoken", float("nan"), None),
        ),
    ),
    state="playable",
    http_status=200,
    not_understood=(Span(2000, 4500),),
    timing=TimingInfo("orthography", 17, 12),
)


def test_a_full_outcome() -> None:
    assert json.loads(render(FULL)) == {
        "schema": "aligner/1",
        "status": "captioned",
        "reason": "75% of the speech is in the article",
        "state": "playable",
        "http_status": 200,
        "source": {
            "url": "https://example.org/news/s.html",
            "title": "Rain",
            "language": "en",
            "given": "https://example.org/s.html",
        },
        "lang": "en",
        "declared": {"duration_ms": 197_000, "title": "Rain", "says_no_media": False},
        "media": {
            "url": "https://example.org/s.mp3",
            "kind": "audio",
            "found_by": "html5",
            "duration_ms": 1800,
            "sha256": "ab" * 32,
        },
        "engine": {"name": "ctranslate2", "model": "base", "version": "1.2.1"},
        "timing": {"by": "orthography", "usual_error_ms": 17, "snr_db": 12},
        "coverage": {"speech_in_article": 0.75, "article_in_speech": 0.3333},
        "sentences": [
            {
                "kind": "reworded",
                "article": [0, 5],
                "share": 0.333,
                "start_ms": 0,
                "end_ms": 1500,
                "text": "It rains as it did.",
            }
        ],
        "stretches": [{"in_article": True, "start_ms": 0, "end_ms": 1500, "text": "It today."}],
        "words": [
            {
                "text": "It",
                "start_ms": 0,
                "end_ms": 300,
                "origin": "verified",
                "score": 0.988,
                "article_word": 0,
            },
            {
                "text": "today.",
                "start_ms": 900,
                "end_ms": 1500,
                "origin": "spoken",
                "score": 0.0,
                "article_word": None,
            },
        ],
        "cues": [
            {"start_ms": 0, "end_ms": 1500, "lines": ["It rains", "today."], "origin": "spoken"}
        ],
        "divergence": [
            {
                "kind": "extra_speech",
                "article": None,
                "start_ms": 900,
                "end_ms": 1500,
                "text": "“Today.”",
            },
            {
                "kind": "not_spoken",
                "article": [2, 5],
                "start_ms": None,
                "end_ms": None,
                "text": "as it did",
            },
        ],
        "not_understood": [{"start_ms": 2000, "end_ms": 4500}],
        "article": [{"role": "body", "text": "It rains."}],
    }


def test_the_order_of_keys_is_the_schemas() -> None:
    first = "schema status reason state http_status source lang declared media engine timing"
    last = "coverage sentences stretches words cues divergence not_understood article"
    assert list(json.loads(render(FULL))) == [*first.split(), *last.split()]


def test_what_was_heard_in_a_words_place_and_where_no_space_is() -> None:
    words = (CaptionWord("al-Assad,", 0, 300, "respelled", 0.5, 4, False, heard="alassad"),)
    (word,) = json.loads(render(replace(FULL, captions=Captions("en", (), words))))["words"]
    assert (word["heard"], word["space_before"]) == ("alassad", False)


def test_the_checksum_of_the_weights_is_told_and_read_again() -> None:
    engine = EngineInfo("ctranslate2", "base", "1.2.1", "ef" * 32)
    text = render(replace(FULL, engine=engine))
    assert json.loads(text)["engine"]["weights_sha256"] == "ef" * 32
    assert read(text)[0].engine == engine


def test_lists_hold_one_item_a_line() -> None:
    assert sum(line.startswith('  {"text"') for line in render(FULL).splitlines()) == 2


def test_the_same_outcome_gives_the_same_bytes() -> None:
    assert render(FULL) == render(FULL)


@pytest.mark.parametrize("status", STATUSES)
def test_every_outcome_has_a_sidecar(status: str) -> None:
    known = next(s for s in STATUSES if s == status)
    record = json.loads(render(CaptionResult(known, "why", "page.html")))
    assert (record["status"], record["reason"]) == (status, "why")
    assert record["source"]["given"] == "page.html"
    assert record["media"] is record["engine"] is record["coverage"] is record["lang"] is None
    assert record["words"] == record["cues"] == record["divergence"] == []
    assert read_status(render(CaptionResult(known, "why", "page.html")))[0] == status


def test_half_a_surrogate_pair_does_not_spoil_the_file() -> None:
    text = render(CaptionResult("error", "bad \ud83d title", "x"))
    assert json.loads(text.encode("utf-8"))["reason"] == "bad \ufffd title"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"schema": "other/1", "status": "error"}', '{"schema": "aligner/1"}',
     '{"schema": "aligner/1", "status": "fine"}', '{"schema": "aligner/1", "status": ["error"]}'],
)  # fmt: skip
def test_what_is_no_sidecar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_status(text)
