"""What an audit says of caption files that are in disorder."""

from __future__ import annotations

from test_judge import audited
from test_retime import CUES, late, onset

from aligner.types import Span


def test_cues_out_of_order_are_matched_with_their_own_words() -> None:
    order = [0, 1, 3, 2, 4, 5, 6, 7]
    found = audited([CUES[k] for k in order], [late(0)[k] for k in order])
    assert found.clock
    assert found.clock.offset_ms(onset(3)) == 0
    assert (found.clock.jumps, found.uncaptioned, found.silent) == ((), (), ())
    assert [e for e in found.errors if e.is_sure] == []
    assert found.verdict == "good"


def test_overlapping_cues_have_no_findings() -> None:
    shown = [Span(span.start, span.end + 5_000) for span in late(0)]
    found = audited(CUES, shown)
    assert (found.errors, found.uncaptioned, found.silent) == ((), (), ())
    assert found.verdict == "good"


def test_cues_of_no_length_are_judged_by_their_starts() -> None:
    on_time = audited(CUES, [Span(span.start, span.start) for span in late(0)])
    assert (on_time.verdict, on_time.errors, on_time.uncaptioned) == ("good", (), ())
    behind = audited(CUES, [Span(span.start, span.start) for span in late(2_000)])
    assert behind.verdict == "late"
    assert behind.clock
    assert behind.clock.offset_ms(onset(3)) == -2_000


def test_a_file_whose_second_half_is_translated_lacks_captions_there() -> None:
    french = ["le ministre a dit lundi que", "deux ponts seraient construits"] * 2
    found = audited([*CUES[:4], *french])
    assert found.clock
    assert found.clock.offset_ms(onset(1)) == 0
    assert found.verdict == "incomplete"
    assert found.uncaptioned[0].start == onset(4)
    assert {e.cue for e in found.errors} == {5}
