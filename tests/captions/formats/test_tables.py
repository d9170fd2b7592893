"""Outcome -> words table, TextGrid, CTM: read back by the csv module and praatio."""

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from outcomes import outcome, words
from praatio import textgrid

from aligner.captions.formats import FORMATS, PLAIN
from aligner.types import CaptionResult, CaptionWord, Cue

TEXT = 'He said "no" to a\tb ;; and Ünïcode 水'
SPOKEN = words(TEXT, start_ms=200)
QUOTED = (
    CaptionWord('"Never', 9000, 9400, "respelled", 0.5, None),
    CaptionWord("two words", 9450, 9990, "spoken", 1.0, None),
)
CUES = (Cue(200, 4000, ("He said “no”", 'and "left"'), "verified"),)


def written(kind: str, *said: CaptionWord, duration_ms: int | None = 12_000) -> str:
    made = outcome(*CUES, words=said)
    return FORMATS[kind].render(
        CaptionResult(made.status, made.reason, made.source, media=made.media,
            captions=made.captions,
                duration_ms=duration_ms), PLAIN,
    )  # fmt: skip


def by_praatio(text: str, folder: Path) -> dict[str, list[tuple[float, float, str]]]:
    path = folder / "a.TextGrid"
    path.write_text(text, encoding="utf-8")
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False)
    assert grid.minTimestamp == 0
    return {name: [tuple(e) for e in grid.getTier(name).entries] for name in grid.tierNames}


# ---------------------------------------------------------------- the table


def test_the_table_is_read_by_its_header() -> None:
    rows = list(
        csv.DictReader(written("words", *SPOKEN, *QUOTED).splitlines(), dialect="excel-tab")
    )
    assert [(int(r["start_ms"]), int(r["end_ms"]), r["word"], r["origin"]) for r in rows] == [
        (w.start_ms, w.end_ms, w.text, w.origin) for w in (*SPOKEN, *QUOTED)
    ]
    assert rows[0]["score"] == "0.875"
    assert (rows[0]["article_word"], rows[-1]["article_word"]) == ("0", "")


# ---------------------------------------------------------------- TextGrid


def test_praatio_reads_the_same_words_and_cues(tmp_path: Path) -> None:
    read = by_praatio(written("textgrid", *SPOKEN, *QUOTED), tmp_path)
    assert list(read) == ["words", "cues", "origins"]
    assert read["words"] == [
        (w.start_ms / 1000, w.end_ms / 1000, w.text) for w in (*SPOKEN, *QUOTED)
    ]
    assert read["cues"] == [(0.2, 4.0, 'He said “no” and "left"')]
    assert {label for _, _, label in read["origins"]} == {"verified", "respelled", "spoken"}


@pytest.mark.parametrize("duration_ms", [None, 100, 12_000])
def test_intervals_fill_the_recording_without_a_hole(
    tmp_path: Path, duration_ms: int | None
) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(written("textgrid", *SPOKEN, duration_ms=duration_ms), encoding="utf-8")
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=True)
    end = max((duration_ms or 0) / 1000, CUES[0].end_ms / 1000, SPOKEN[-1].end_ms / 1000)
    assert grid.maxTimestamp == end
    for name in grid.tierNames:
        entries = grid.getTier(name).entries
        assert (entries[0].start, entries[-1].end) == (0, end)
        assert all(a.end == b.start for a, b in pairwise(entries))


def test_words_that_overlap_or_have_no_length_are_set_apart(tmp_path: Path) -> None:
    said = (
        CaptionWord("one", 0, 500, "spoken", 1.0),
        CaptionWord("two", 400, 900, "spoken", 1.0),
        CaptionWord("none", 950, 950, "spoken", 1.0),
        CaptionWord("back", 900, 800, "spoken", 1.0),
    )
    read = by_praatio(written("textgrid", *said), tmp_path)
    assert read["words"] == [
        (0.0, 0.5, "one"),
        (0.5, 0.9, "two"),
        (0.95, 0.951, "none"),
        (0.951, 0.952, "back"),
    ]


# ---------------------------------------------------------------- CTM


def test_ctm_has_its_six_columns() -> None:
    lines = written("ctm", *SPOKEN, *QUOTED).splitlines()
    assert [line.split() for line in lines][:2] == [
        ["story", "1", "0.200", "0.350", "He", "0.875"],
        ["story", "1", "0.600", "0.350", "said", "0.875"],
    ]
    assert lines[-1].split() == ["story", "1", "9.450", "0.540", "two_words", "1.000"]
    assert all(len(line.split()) == 6 for line in lines)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://example.org/a%20b/the%20story.mp3?x=1", "the_story"),
        ("/home/me/;odd.wav", "_odd"),
        ("https://example.org/", "recording"),
    ],
)
def test_the_recording_has_a_name_without_spaces(address: str, name: str) -> None:
    from aligner.captions.formats.ctm import recording

    assert recording(CaptionResult("captioned", "", address)) == name


@pytest.mark.parametrize("kind", ["words", "textgrid", "ctm"])
def test_without_words_there_is_nothing(kind: str) -> None:
    assert written(kind) == ""
    assert FORMATS[kind].render(CaptionResult("no_media", "none", "x"), PLAIN) == ""
