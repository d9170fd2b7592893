"""ASS gets new times for its dialogue; every other byte is as it was."""

from __future__ import annotations

import pytest

from aligner.captions.retiming.files import open_captions
from aligner.errors import BadSource
from aligner.types import Span

GIVEN = """[Script Info]
Title: A film
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,a remark
Dialogue: 0,0:00:01.00,0:00:02.50,Default,Anna,0,0,0,,{\\i1}Hello{\\i0}, you\\Nthere, {\\k20}all
Dialogue: 1, 0:00:03.00, 0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}

[Fonts]
Dialogue: 0,0:00:01.00,0:00:02.50,no event
"""
LATER = GIVEN.replace(
    "Dialogue: 0,0:00:01.00,0:00:02.50,Default", "Dialogue: 0,1:00:01.01,1:00:02.51,Default"
).replace(" 0:00:03.00, 0:00:04.00", " 1:00:03.01, 1:00:04.01")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_only_times_change(end: str, encoding: str) -> None:
    one, other = (text.replace("\n", end).encode(encoding) for text in (GIVEN, LATER))
    captions = open_captions(one, "x.ass")
    times = [Span(cue.start_ms + 3_600_008, cue.end_ms + 3_600_008) for cue in captions.cues]
    assert captions.retimed(times) == other
    assert [cue.lines for cue in captions.cues] == [("Hello, you", "there, all"), ()]
    assert [cue.line for cue in captions.cues] == [12, 13]


def test_a_short_event_lasts_a_hundredth() -> None:
    captions = open_captions(GIVEN.encode(), "x.ass")
    made = captions.retimed([Span(1_001, 1_003), Span(3_000, 4_000)])
    assert b"Dialogue: 0,0:00:01.00,0:00:01.01," in made


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("0:00:01.00,0:00:02.50,Default", "soon,0:00:02.50,Default", "line 12"),
        ("Format: Layer, Start", "Format: Layer, Begin", "Format"),
        (",Default,Anna,0,0,0,,{", ",", "line 12"),
    ],
)
def test_what_is_not_understood_is_refused(old: str, new: str, why: str) -> None:
    with pytest.raises(BadSource, match=why):
        open_captions(GIVEN.replace(old, new).encode(), "x.ass")
