"""TTML gets new times in the form of the old ones; every other byte is as it was."""

from __future__ import annotations

import pytest

from aligner.captions.retiming.files import open_captions
from aligner.errors import BadSource
from aligner.types import Span

HEAD = (
    '<?xml version="1.0" encoding="{encoding}"?>\n<!-- <p begin="1s"/> -->\n'
    '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"\n'
    '    xmlns:tts="http://www.w3.org/ns/ttml#styling" ttp:frameRate="25" ttp:tickRate="1000"'
    ' xml:lang="fr">\n<head><layout><region xml:id="r1"/></layout></head>\n<body><div>\n'
)
GIVEN = """<p xml:id='a'  begin="00:00:01.000" end = '00:00:02.500'
   region="r1">Café<br/>à  la carte</p>
<p begin="00:00:03:10" end="00:00:04:00"><span tts:color="red">begin="9s"</span></p>
<p end="6.5s" begin="5s">&lt;deux&gt;</p>
<p begin="7000t" dur="1500t">trois</p>
<p><span begin="200f" end="225f">quatre</span> <span begin="9.5s" end="10s">cinq</span></p>
<p end="00:00:12">six</p>
</div></body></tt>
"""
LATER = """<p xml:id='a'  begin="00:01:01.000" end = '00:01:02.500'
   region="r1">Café<br/>à  la carte</p>
<p begin="00:01:03:10" end="00:01:04:00"><span tts:color="red">begin="9s"</span></p>
<p end="66.500s" begin="65.000s">&lt;deux&gt;</p>
<p begin="67000t" dur="1500t">trois</p>
<p><span begin="1700f" end="1725f">quatre</span> <span begin="69.500s" end="70.000s">cinq</span></p>
<p begin="00:01:00.000" end="00:01:12.000">six</p>
</div></body></tt>
"""


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16"])
def test_only_times_change(encoding: str) -> None:
    one, other = (
        (HEAD.format(encoding=encoding) + text).encode(encoding) for text in (GIVEN, LATER)
    )
    captions = open_captions(one, "x.ttml")
    times = [Span(cue.start_ms + 60_000, cue.end_ms + 60_000) for cue in captions.cues]
    assert captions.retimed(times) == other
    assert captions.cues[0].lines == ("Café", "à la carte")
    again = open_captions(other, "x.ttml")
    assert [Span(cue.start_ms, cue.end_ms) for cue in again.cues] == times


def test_frames_are_rounded_to_the_nearest() -> None:
    data = (HEAD.format(encoding="UTF-8") + GIVEN).encode()
    captions = open_captions(data, "x.ttml")
    times = [Span(cue.start_ms, cue.end_ms) for cue in captions.cues]
    times[1] = Span(59_990, 61_030)
    assert b'begin="00:01:00:00" end="00:01:01:01"' in captions.retimed(times)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("<div>", '<div timeContainer="seq">', "sequence"),
        ('ttp:tickRate="1000"', 'ttp:tickRate="1000" ttp:timeBase="smpte"', "time base"),
    ],
)
def test_times_that_depend_on_others_are_refused(old: str, new: str, why: str) -> None:
    data = (HEAD.format(encoding="UTF-8") + GIVEN).replace(old, new).encode()
    with pytest.raises(BadSource, match=why):
        open_captions(data, "x.ttml")


NESTED = """<body begin='1s' end="90s"><div region="top" begin="00:00:02.000" dur="60s">
<p begin="1s" dur="2s">one</p>
<p end="00:00:09.500" begin="00:00:05.000">two</p>
<p>three</p></div>
<div><p begin="80s" end="85s">four</p></div></body></tt>
"""
FREE = """<body begin='0.000s'><div region="top" begin="00:00:00.000">
<p begin="{}s" dur="2.000s">one</p>
<p end="00:00:{}.500" begin="00:00:{}.000">two</p>
<p begin="00:00:{}.000" end="00:01:{}.000">three</p></div>
<div><p begin="{}s" end="{}s">four</p></div></body></tt>
"""


def test_times_around_cues_are_taken_away() -> None:
    head = HEAD.format(encoding="UTF-8").replace("<body><div>\n", "")
    captions = open_captions((head + NESTED).encode(), "x.ttml")
    times = [Span(cue.start_ms, cue.end_ms) for cue in captions.cues]
    assert times == [
        Span(4_000, 6_000), Span(8_000, 12_500), Span(3_000, 63_000), Span(81_000, 86_000)
    ]  # fmt: skip
    assert captions.retimed(times).decode() == head + NESTED  # nothing is to be done
    later = [Span(time.start + 2_000, time.end + 2_000) for time in times]
    made = captions.retimed(later)
    moved = FREE.format("6.000", 14, 10, "05", "05", "83.000", "88.000")
    assert made.decode() == head + moved
    again = open_captions(made, "x.ttml")
    assert [Span(cue.start_ms, cue.end_ms) for cue in again.cues] == later


def test_cues_that_stay_are_written_anew_where_times_around_them_go() -> None:
    head = HEAD.format(encoding="UTF-8").replace("<body><div>\n", "")
    captions = open_captions((head + NESTED).encode(), "x.ttml")
    times = [Span(cue.start_ms, cue.end_ms) for cue in captions.cues]
    times[1] = Span(9_000, 13_500)
    again = open_captions(captions.retimed(times), "x.ttml")
    assert [Span(cue.start_ms, cue.end_ms) for cue in again.cues] == times
