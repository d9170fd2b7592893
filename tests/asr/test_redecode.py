"""Requests to decode passages, and the times of the decoded words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest

from aligner.asr.draft.redecode import DecodeRequest, decode_requests
from aligner.asr.draft.revision import transfer_timestamps
from aligner.asr.draft.verification import DraftToken, ScoredWord
from aligner.asr.whisper.model import EncoderOutput, PartialHypothesis
from aligner.types import Span


def weighed(text: str) -> list[ScoredWord]:
    """Words of 400 ms each, one after the other."""
    return [
        ScoredWord(DraftToken(f" {word}", at), -0.1, 0.9, at * 400, (at + 1) * 400)
        for at, word in enumerate(text.split())
    ]


def heard(text: str) -> list[DraftToken]:
    return [DraftToken(f" {word}", None, decoded=True) for word in text.split()]


@pytest.mark.parametrize(
    ("written", "said", "starts"),
    [
        ("the old bridge", "the old bridge", [0, 400, 800]),
        ("the old bridge", "the new bridge", [0, 400, 800]),  # one for one
        ("the Secretary-General said", "the secretary general said", [0, 400, 611, 800]),
        ("the very old bridge", "the bridge", [0, 1200]),  # words left out
        ("General Traore said", "General South Trayor said", [0, 400, 600, 800]),
    ],
)
def test_decoded_words_get_the_times_of_the_draft_s(
    written: str, said: str, starts: list[int]
) -> None:
    found = transfer_timestamps(weighed(written), heard(said), -0.6)
    assert found is not None
    assert [w.token.text.strip() for w in found] == said.split()
    assert [w.start for w in found] == pytest.approx(starts, abs=20)
    assert all(a.end <= b.start for a, b in pairwise(found))
    ours = written.split()
    others = sum(w not in ours for w in said.split())
    assert [w.log for w in found] == [
        -0.1 if w in ours else pytest.approx(-0.6 / others) for w in said.split()
    ]


@pytest.mark.parametrize(
    ("written", "said"), [("the bridge", "the old bridge"), ("", "the bridge")]
)
def test_added_words_have_no_time(written: str, said: str) -> None:
    assert transfer_timestamps(weighed(written), heard(said), -0.6) is None


@dataclass
class Decoder:
    """Says how much it was asked at a time."""

    calls: list[tuple[int, int]] = field(default_factory=list)

    def decode_parts(
        self,
        encoded: Sequence[EncoderOutput],
        _language: str,
        before: Sequence[Sequence[int]],
        most: int,
    ) -> list[PartialHypothesis]:
        self.calls.append((len(encoded), most))
        assert len({part.features.shape for part in encoded}) == 1
        return [PartialHypothesis(str(tokens[0]), True, -0.5) for tokens in before]


WINDOW = EncoderOutput(np.zeros((1, 500, 1), np.float32), 1_000)


@pytest.mark.parametrize(
    ("mosts", "calls"),
    [
        ([], []),
        ([12], [(1, 12)]),
        ([12, 14, 13, 12], [(4, 14)]),
        ([12, 40, 13, 38], [(2, 13), (2, 40)]),  # the short ones need not wait for the long ones
    ],
)
def test_passages_of_similar_length_are_decoded_together(
    mosts: list[int], calls: list[tuple[int, int]]
) -> None:
    decoder = Decoder()
    asked = [DecodeRequest(WINDOW, 9_000, Span(0, 3_000), (at,), m) for at, m in enumerate(mosts)]
    found = decode_requests(decoder, "en", asked)
    assert [passage.text for passage in found] == [str(at) for at in range(len(mosts))]
    assert sorted(decoder.calls) == sorted(calls)


def test_the_speech_has_ended_only_if_the_sound_goes_up_to_its_end() -> None:
    near, far = (DecodeRequest(WINDOW, end, Span(0, 3_000), (1,), 9) for end in (3_000, 9_000))
    assert [p.ended for p in decode_requests(Decoder(), "en", [near, far])] == [True, False]
