"""The encoder cache: each window is encoded once, stored in a file, and read again."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from aligner.asr.whisper.encoder_cache import MAX_PREFETCH, EncoderCache
from aligner.asr.whisper.model import EncoderOutput
from aligner.types import Audio, Span

FIRST = 10 * 4 * 2
"""Bytes of the features of 10 ms."""
SOUND = Audio(np.zeros(100 * 16_000, dtype=np.int16), 16_000)


class Encoder:
    """Gives for each sound its length and whether it is tight; notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, bool]] = []
        self.go_on = threading.Event()
        self.go_on.set()

    def encode(self, sounds: Sequence[NDArray[Any]], *, tight: bool = False) -> list[EncoderOutput]:
        self.asked += [(len(sound) // 16, tight) for sound in sounds]
        assert self.go_on.wait(60)
        if len(sounds[0]) == 0:
            raise OSError("no sound")
        return [EncoderOutput(features(len(sound) // 16, tight), len(sound)) for sound in sounds]


def features(ms: int, tight: bool) -> NDArray[np.float32]:
    return np.full((1, ms, 4), ms + tight / 2, np.float32)


def cache_of(encoder: Encoder) -> EncoderCache:
    return EncoderCache(encoder, SOUND)  # type: ignore[arg-type]


def window(ms: int) -> Span:
    return Span(0, ms)


def assert_is(encoded: EncoderOutput, ms: int, tight: bool) -> None:
    assert encoded.frames == ms * 16
    assert encoded.features.dtype == np.float32
    np.testing.assert_array_equal(encoded.features, features(ms, tight))


def test_a_window_requested_by_several_threads_is_encoded_once() -> None:
    encoder = Encoder()
    encoder.go_on.clear()
    made = cache_of(encoder)
    found: list[EncoderOutput] = []
    askers = [
        threading.Thread(target=lambda: found.extend(made.get([window(10)]))) for _ in range(4)
    ]
    for asker in askers:
        asker.start()
    encoder.go_on.set()
    for asker in askers:
        asker.join(60)
    assert len(found) == 4
    for one in found:
        assert_is(one, 10, True)
    assert encoder.asked == [(10, True)]


def test_a_full_encoding_is_reused_for_a_tight_one() -> None:
    encoder = Encoder()
    made = cache_of(encoder)
    made.get([window(10)], tight=False)
    first, second = made.get([window(10), window(20)])
    assert_is(first, 10, False)
    assert_is(second, 20, True)
    assert encoder.asked == [(10, False), (20, True)]


def test_all_encodings_are_kept() -> None:
    encoder = Encoder()
    made = cache_of(encoder)
    for _ in range(2):
        for ms in range(1, 100):
            (one,) = made.get([window(ms)])
            assert_is(one, ms, True)
    assert len(encoder.asked) == 99


def test_encodings_are_always_rounded_to_16_bits() -> None:
    """Whether somebody has asked before makes no difference."""
    encoder = Encoder()
    encoder.encode = lambda sounds, **_: [  # type: ignore[method-assign]
        EncoderOutput(np.full((1, 2, 2), 1.00001, np.float32), 1) for _ in sounds
    ]
    made = cache_of(encoder)
    for _ in range(2):
        (one,) = made.get([window(10)])
        assert one.features.tolist() == [[[1.0, 1.0], [1.0, 1.0]]]


@pytest.mark.parametrize("room", [0, 50])
def test_on_a_full_disk_encodings_stay_in_memory(
    room: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The first encoding fits; of the second at most a part does."""
    real = (tmp_path / "shelf").open("w+b", buffering=0)

    class Full:
        def write(self, data: memoryview) -> int:
            left = FIRST + room - real.tell()
            if left <= 0:
                raise OSError("no space left on device")
            return real.write(data.cast("B")[:left])

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: Full())
    encoder = Encoder()
    made = cache_of(encoder)
    for _ in range(2):
        for ms in (10, 20, 30):
            (one,) = made.get([window(ms)])
            assert_is(one, ms, True)
    assert encoder.asked == [(10, True), (20, True), (30, True)]
    assert caplog.text.count("kept in memory") == 2


def test_an_error_is_raised_for_every_thread_that_waits() -> None:
    made = cache_of(Encoder())
    for _ in range(2):
        with pytest.raises(OSError, match="no sound"):
            made.get([window(0)])


def test_a_limited_number_of_windows_is_prefetched() -> None:
    encoder = Encoder()
    made = cache_of(encoder)
    coming = [window(ms) for ms in range(1, 3 * MAX_PREFETCH)]
    turns = iter(range(4 * MAX_PREFETCH))

    def over() -> bool:
        return next(turns, None) is None

    made.get([window(2)])
    made.prefetch(lambda: coming, over)
    assert [ms for ms, _ in encoder.asked] == [2, 1, *range(3, MAX_PREFETCH + 2)]
    encoder.asked.clear()
    made.get([window(1), window(3)])  # two are asked for: two more may be made
    turns = iter(range(2 * MAX_PREFETCH))
    made.prefetch(lambda: coming, over)
    assert [ms for ms, _ in encoder.asked] == [MAX_PREFETCH + 2, MAX_PREFETCH + 3]
