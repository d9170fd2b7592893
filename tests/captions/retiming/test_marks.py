"""Cues are marked by comments that readers of captions pass over."""

from __future__ import annotations

import pytest
from test_insertion import ADDED, FILES

from aligner.captions.retiming.files import NOT_HEARD, open_captions
from aligner.types import Span

NAMES = [name for name in FILES if name != "x.srt"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", NAMES)
def test_marks_are_no_cues_and_come_once(name: str, newline: str) -> None:
    captions = open_captions(FILES[name].replace("\n", newline).encode(), name)
    times = [Span(cue.start_ms, cue.end_ms) for cue in captions.cues]
    last = len(times) - 1
    made = captions.retimed(times, marked=[last])
    again = open_captions(made, name)
    shown = [(cue.start_ms, cue.end_ms, cue.lines) for cue in captions.cues]
    assert [(cue.start_ms, cue.end_ms, cue.lines) for cue in again.cues] == shown
    assert made.decode().count(NOT_HEARD) == 1
    assert again.retimed(times, marked=[last]) == made
    assert made.count(b"\n") == made.count(newline.encode())


@pytest.mark.parametrize("name", NAMES)
def test_a_mark_stands_right_before_its_cue(name: str) -> None:
    captions = open_captions(FILES[name].encode(), name)
    times = [Span(cue.start_ms, cue.end_ms) for cue in captions.cues]
    made = captions.retimed(times, ADDED, marked=[len(times) - 1]).decode()
    assert made.index("Between") < made.index(NOT_HEARD) < made.index("Second")
