"""Outcome -> WebVTT, read back by webvtt-py and by ffmpeg."""

import re
import subprocess
from html import unescape
from pathlib import Path

import imageio_ffmpeg
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.captions.formats import FORMATS
from aligner.captions.formats.vtt import render, timestamp
from aligner.captions.formats.vtt_check import breaches
from aligner.errors import InvalidCaptions
from aligner.types import CaptionResult, Captions, Cue, EngineInfo, MediaLink


def outcome(*cues: Cue, url: str = "https://example.org/news/story.html") -> CaptionResult:
    return CaptionResult(
        status="captioned",
        reason="all of it",
        source=url,
        url=url,
        media=MediaLink("https://example.org/audio/story.mp3", "audio", "html5"),
        engine=EngineInfo("ctranslate2", "base", "1.0"),
        captions=Captions("en", tuple(cues), ()),
    )


CUES = (
    Cue(0, 1500, ("Good evening.",), "verified"),
    Cue(1580, 4000, ("He said: “AT&T is < 5 %,", "and a --> b” <i>twice</i> &amp;"), "spoken"),
    Cue(3_599_999, 3_600_900, ("Ünïcode 水 👩‍💻",), "verified"),
    Cue(360_000_000, 360_000_001, ("After a hundred hours",), "verified"),
)


def test_what_is_written_is_valid() -> None:
    text = render(outcome(*CUES))
    assert breaches(text) == ()
    assert text.startswith("WEBVTT\n\nNOTE\n")
    assert text.endswith("hours\n")


def test_the_note_says_where_captions_come_from() -> None:
    note = render(outcome(*CUES)).split("\n\n")[1]
    for said in (
        "https://example.org/news/story.html",
        "https://example.org/audio/story.mp3",
        "ctranslate2, model base",
        "aligner ",
        "Language: en",
    ):
        assert said in note


def test_webvtt_py_reads_the_same_back() -> None:
    read = webvtt.from_string(render(outcome(*CUES)), strict=True)
    assert [
        (
            c.identifier,
            c.start_time.in_milliseconds(),
            c.end_time.in_milliseconds(),
            unescape(c.raw_text),
        )
        for c in read.captions
    ] == [
        (str(k), cue.start_ms, cue.end_ms, "\n".join(cue.lines))
        for k, cue in enumerate(CUES, start=1)
    ]


def test_ffmpeg_reads_the_same_back(tmp_path: Path) -> None:
    (tmp_path / "in.vtt").write_text(render(outcome(*CUES[:3])), encoding="utf-8")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", "in.vtt", "out.srt"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, timeout=60)
    assert ran.stderr == b""
    blocks = (tmp_path / "out.srt").read_text(encoding="utf-8").strip().split("\n\n")
    read = [block.split("\n") for block in blocks]
    times = [f"{timestamp(c.start_ms)} --> {timestamp(c.end_ms)}".replace(".", ",") for c in CUES]
    assert [block[1] for block in read] == times[:3]
    assert [re.sub(r"\\h", " ", "\n".join(block[2:])) for block in read] == [
        "\n".join(cue.lines) for cue in CUES[:3]
    ]


@pytest.mark.parametrize(
    "cues",
    [
        (Cue(2000, 1000, ("Backwards",), "spoken"),),
        (Cue(1000, 1000, ("No time",), "spoken"),),
        (Cue(5000, 6000, ("Late",), "spoken"), Cue(1000, 2000, ("Early",), "spoken")),
    ],
)
def test_invalid_captions_are_never_given(cues: tuple[Cue, ...]) -> None:
    with pytest.raises(InvalidCaptions, match=r"story\.html: not written"):
        render(outcome(*cues))


def test_an_address_with_an_arrow_does_not_begin_a_cue() -> None:
    text = render(outcome(*CUES, url="https://example.org/a-->b\n\n00:01.000 --> 00:02.000\nx"))
    assert breaches(text) == ()
    assert len(webvtt.from_string(text, strict=True)) == len(CUES)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(line=st.text(min_size=1, max_size=40), url=st.text(max_size=40))
def test_any_text_makes_a_valid_file(line: str, url: str) -> None:
    text = render(outcome(Cue(0, 1000, (line, "end"), "spoken"), url=url or "x"))
    assert breaches(text) == ()
    assert text.encode("utf-8")
    (cue,) = webvtt.from_string(text, strict=True).captions
    assert unescape(cue.raw_text).split("\n")[-1] == "end"


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        (0, "00:00:00.000"),
        (59_999, "00:00:59.999"),
        (60_000, "00:01:00.000"),
        (3_599_999, "00:59:59.999"),
        (360_000_000, "100:00:00.000"),
    ],
)
def test_timestamps(ms: int, expected: str) -> None:
    assert timestamp(ms) == expected


def test_captions_without_cues_are_a_valid_file_too() -> None:
    assert breaches(render(outcome())) == ()


def test_without_captions_there_is_nothing() -> None:
    assert render(CaptionResult("no_media", "none", "x")) == ""
    assert FORMATS["vtt"].needs_cues
