"""New cues are put between those of a file, in the manner of its own; nothing else changes."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest

from aligner.captions.retiming.base import AddedCue
from aligner.captions.retiming.files import open_captions
from aligner.types import Span

VTT = """WEBVTT

one
00:00:05.000 --> 00:00:06.000 line:10%
<v Ann>First</v>

NOTE a remark

00:00:08.000 --> 00:00:09.000
Second
"""
SRT = """1
00:00:05,000 --> 00:00:06,000
<i>First</i>

2
00:00:08,000 --> 00:00:09,000
Second
"""
TTML = """<?xml version="1.0" encoding="UTF-8"?>
<tt:tt xmlns:tt="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
    ttp:frameRate="25" ttp:tickRate="1000" xml:lang="en">
<tt:body><tt:div>
  <tt:p xml:id="a" region='low' begin="{0}" end="{1}" style="s1">F\u00efrst<tt:br/>&amp; more</tt:p>
  <tt:p xml:id="b" region="top" begin="{2}" end="{3}"><tt:span>Second</tt:span></tt:p>
</tt:div></tt:body></tt:tt>
"""
CLOCKS = ("00:00:05.000", "00:00:06.000", "00:00:08.000", "00:00:09.000")
ASS = """[Script Info]
Title: A film

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 9,0:00:01.00,0:00:20.00,Logo,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}
Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,a remark
Dialogue: 0,0:00:05.00,0:00:06.00,Default,Ann,7,0,0,fade,{\\i1}First
Dialogue: 0,0:00:08.00,0:00:09.00,Default,Bob,0,0,0,,Second
"""
FILES = {
    "x.vtt": VTT,
    "x.srt": SRT,
    "clock.ttml": TTML.format(*CLOCKS),
    "frames.ttml": TTML.format("00:00:05:00", "00:00:06:00", "00:00:08:00", "00:00:09:00"),
    "ticks.ttml": TTML.format("5000t", "6000t", "8000t", "9000t"),
    "x.ass": ASS,
}
ADDED = (
    AddedCue(Span(2_000, 3_000), ("Before <it>", "all & more")),
    AddedCue(Span(3_200, 4_000), ("Before",)),
    AddedCue(Span(6_520, 7_520), ("Between",)),
    AddedCue(Span(12_000, 13_000), ("After",)),
)


def filled(name: str, newline: str = "\n") -> tuple[str, str]:
    """A file, and the same with the new cues."""
    given = FILES[name].replace("\n", newline)
    captions = open_captions(given.encode(), name)
    times = [Span(cue.start_ms, cue.end_ms) for cue in captions.cues]
    return given, captions.retimed(times, ADDED).decode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", FILES)
def test_new_cues_are_read_again(name: str, newline: str) -> None:
    _, made = filled(name, newline)
    cues = [cue for cue in open_captions(made.encode(), name).cues if cue.lines]
    words = [" ".join(cue.lines).split()[0] for cue in cues]
    first = cues[2].lines[0].split()[0]
    assert words == ["Before", "Before", first, "Between", "Second", "After"]
    assert [Span(cues[k].start_ms, cues[k].end_ms) for k in (0, 1, 3, 5)] == [
        cue.time for cue in ADDED
    ]
    assert cues[0].lines == ADDED[0].lines
    assert "\r\n" in made if newline == "\r\n" else "\r" not in made
    assert made.count("\n") == made.count(newline)


@pytest.mark.parametrize("name", [name for name in FILES if name != "x.srt"])
def test_what_was_there_stays(name: str) -> None:
    given, made = filled(name)
    operations = {tag for tag, *_ in SequenceMatcher(None, given, made, False).get_opcodes()}
    assert operations == {"equal", "insert"}
    lines = made.splitlines()
    assert [line for line in given.splitlines() if line not in lines] == []


def test_a_new_paragraph_has_the_look_of_the_one_beside_it() -> None:
    _, made = filled("frames.ttml")
    assert '\n  <tt:p begin="00:00:06:13" end="00:00:07:13" region="top">Between</tt:p>\n' in made
    assert (
        '\n  <tt:p begin="00:00:02:00" end="00:00:03:00" region=\'low\' style="s1">'
        "Before &lt;it&gt;<tt:br/>all &amp; more</tt:p>\n" in made
    )


def test_a_new_event_has_the_style_of_most_and_nobodys_name() -> None:
    _, made = filled("x.ass")
    assert "\nDialogue: 0,0:00:06.52,0:00:07.52,Default,,7,0,0,,Between\n" in made
    assert r"Default,,7,0,0,,Before <it>\Nall & more" in made


def test_paragraphs_with_timed_spans_are_not_divided() -> None:
    spans = "<tt:p><tt:span begin='5s' end='6s'>one</tt:span> <tt:span begin='8s' end='9s'>two"
    text = (
        '<tt:tt xmlns:tt="http://www.w3.org/ns/ttml" xml:lang="en"><tt:body><tt:div>'
        f"{spans}</tt:span></tt:p></tt:div></tt:body></tt:tt>"
    )
    captions = open_captions(text.encode(), "x.ttml")
    times = [Span(cue.start_ms, cue.end_ms) for cue in captions.cues]
    made = captions.retimed(times, ADDED[2:3]).decode()
    assert '<tt:p begin="00:00:06.520" end="00:00:07.520">Between</tt:p>\n<tt:p><tt:span' in made
    assert len(open_captions(made.encode(), "x.ttml").cues) == 3
