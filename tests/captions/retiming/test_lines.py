"""Files get new times; every other byte is as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aligner.captions.retiming.files import open_captions
from aligner.captions.retiming.lines import clock_like
from aligner.errors import BadSource
from aligner.types import Span

VTT = """WEBVTT - a film
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000

STYLE
::cue(.loud) { color: red }

REGION
id:top width:40%

NOTE 00:00:01.000 --> 00:00:02.000 is no cue

first
01:02.000\t--> 00:01:03.500   align:start region:top
<v Anna>Hello, <c.loud>you</c> &amp; <00:01:02.700>all

00:01:04.000 --> 00:01:05.000
- 1 --
- two
"""
VTT_LATER = """WEBVTT - a film
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000

STYLE
::cue(.loud) { color: red }

REGION
id:top width:40%

NOTE 00:00:01.000 --> 00:00:02.000 is no cue

first
01:00:00:12.000\t--> 01:00:13.500   align:start region:top
<v Anna>Hello, <c.loud>you</c> &amp; <01:00:12.700>all

01:00:14.000 --> 01:00:15.000
- 1 --
- two
""".replace("01:00:00:12", "01:00:12")
SRT = """1
00:00:01,000 --> 00:00:02,000 X1:100 X2:200
{\\an8}<i>Hello</i>

7
0:00:03.5 --> 0:00:04,25
Bye
"""
SRT_LATER = """1
01:00:01,000 --> 01:00:02,000 X1:100 X2:200
{\\an8}<i>Hello</i>

7
1:00:03.500 --> 1:00:04,250
Bye
"""
HOUR = 3_600_000


def moved(data: bytes, by: int) -> bytes:
    captions = open_captions(data, "given.srt")
    return captions.retimed([Span(cue.start_ms + by, cue.end_ms + by) for cue in captions.cues])


@pytest.mark.parametrize(
    ("given", "expected", "by"),
    [(VTT, VTT_LATER, HOUR - 50_000), (SRT, SRT_LATER, HOUR)],
    ids=["vtt", "srt"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_only_times_change(given: str, expected: str, by: int, end: str, encoding: str) -> None:
    one, other = (text.replace("\n", end).encode(encoding) for text in (given, expected))
    assert moved(one, by) == other


def test_a_file_in_windows_1252_keeps_its_bytes() -> None:
    given = b"1\n00:00:01,000 --> 00:00:02,000\nCaf\xe9 \x96 \x93yes\x94\n"
    assert moved(given, 1_000) == given.replace(b":02,", b":03,").replace(b":01,", b":02,")


def test_equal_times_are_left_as_they_are_written() -> None:
    assert moved(SRT.encode(), 0) == SRT.encode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"WEBVTT\n\n", "no cue"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nA\n\n2\n00:00:03,000 --> 00:00:xx,000\nB\n", "line 6"),
        (b"just text", "not a caption file"),
        ("WEBVTT\n\n00:00:0１.000 --> 00:00:02.000\nA\n".encode(), "digits"),
    ],
    ids=["empty", "unclear", "text", "digits"],
)
def test_what_cannot_be_retimed_whole_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(BadSource, match=why):
        open_captions(data, "given")


@pytest.mark.parametrize(
    ("old", "ms", "expected"),
    [
        ("00:01.000", 61_500, "01:01.500"),
        ("00:01.000", 3_661_005, "01:01:01.005"),
        ("0:00:01,5", 3_661_005, "1:01:01,005"),
        ("00 : 00 : 01 , 500", 2_000, "00:00:02,000"),
        ("00:00:01", 2_030, "00:00:02,030"),
    ],
)
def test_a_time_has_the_form_of_the_old_one(old: str, ms: int, expected: str) -> None:
    assert clock_like(old, ms, ",") == expected


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**5)), min_size=2, max_size=2))
def test_the_new_times_are_read_again(times: list[tuple[int, int]]) -> None:
    spans = [Span(start, start + length) for start, length in times]
    for text in (VTT, SRT):
        made = open_captions(open_captions(text.encode(), "x").retimed(spans), "x")
        assert [Span(cue.start_ms, cue.end_ms) for cue in made.cues] == spans
