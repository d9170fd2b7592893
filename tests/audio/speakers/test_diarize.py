"""Who speaks when, with made-up vectors of voices, and with the speaker model if it is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from aligner.audio import speakers
from aligner.audio.speakers.embeddings import Embedder, embed
from aligner.audio.speakers.fbank import fbank
from aligner.errors import EngineUnavailable
from aligner.types import Audio, CaptionWord, VoiceLimits

SIZE = 192
ANY = VoiceLimits()
PER_WORD = 2
"""Windows of each word."""


def people(count: int, alike: float = 0.1) -> NDArray[np.float64]:
    """Directions of voices, as similar to one another as given."""
    chosen = np.random.default_rng(7).normal(size=(count + 1, SIZE))
    basis = np.linalg.qr(chosen.T)[0].T
    return np.asarray(np.sqrt(alike) * basis[-1] + np.sqrt(1 - alike) * basis[:count])


def heard(
    voices: NDArray[np.float64], turns: str, length: int = 12, noise: float = 0.8
) -> tuple[list[CaptionWord], NDArray[np.float32], NDArray[np.float32]]:
    """Words and vectors of turns: "ABA" is three turns of ``length`` words by two voices."""
    who = [ord(turn) - ord("A") for turn in turns for _ in range(length)]
    words = [
        CaptionWord(
            f"w{k}." if k % length == length - 1 else f"w{k}", 500 * k, 500 * k + 400, "spoken", 1
        )
        for k in range(len(who))
    ]
    random = np.random.default_rng(3)

    def vectors(numbers: list[int]) -> NDArray[np.float32]:
        raw = voices[numbers] + noise * random.normal(size=(len(numbers), SIZE)) / np.sqrt(SIZE)
        return np.asarray(raw / np.linalg.norm(raw, axis=1, keepdims=True), np.float32)

    return words, vectors(who), vectors([n for n in who for _ in range(PER_WORD)])


def told_apart(
    turns: str, count: int, limits: VoiceLimits = ANY, alike: float = 0.1, length: int = 12
) -> str:
    """The voice of each turn, as letters; a turn with several has "?"."""
    found = speakers.voices_of(*heard(people(count, alike), turns, length), limits)
    each = [set(found[at : at + length]) for at in range(0, len(found), length)]
    return "".join(chr(ord("A") + one.pop()) if len(one) == 1 else "?" for one in each)


@pytest.mark.parametrize(
    "turns", ["A", "AB", "ABABAB", "ABCAB", "ABCDEFGHIJKL", "ABCDEFGHIJKLLKJIHGFEDCBA"]
)
def test_each_turn_gets_the_voice_that_it_is_said_by(turns: str) -> None:
    assert told_apart(turns, 12) == turns


def test_voices_are_counted_in_the_order_of_their_first_words() -> None:
    assert told_apart("CABC", 3) == "ABCA"


def test_a_voice_of_a_second_is_not_one_of_its_own() -> None:
    turns = "A" * 10 + "B" + "A" * 10
    assert set(told_apart(turns, 2, length=1)) == {"A"}


def test_one_passage_of_a_similar_voice_is_the_same_person_in_other_sound() -> None:
    assert told_apart("ABA", 2, alike=0.6) == "AAA"
    assert told_apart("ABABAB", 2, alike=0.6) == "ABABAB", "they take turns"


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        (VoiceLimits(1, 1), "AAAA"),
        (VoiceLimits(2, 2), "ABAB"),
        (VoiceLimits(1, 3), "ABAB"),
        (VoiceLimits(4, 4), "ABAB"),
    ],
)
def test_limits_of_voices_that_are_known(limits: VoiceLimits, found: str) -> None:
    """More voices than there are to hear are not made up out of nothing alike."""
    assert told_apart("ABAB", 2, limits) == found


def test_more_voices_where_the_user_knows_of_them() -> None:
    assert told_apart("ABABAB", 2, alike=0.75) == "AAAAAA"
    assert told_apart("ABABAB", 2, VoiceLimits(2, 2), alike=0.75) == "ABABAB"


def test_fewer_voices_where_the_user_knows_of_them() -> None:
    assert len(set(told_apart("ABCABC", 3, VoiceLimits(1, 2)))) == 2


def test_long_recordings_have_the_same_voices_throughout() -> None:
    turns = "AB" * 60
    assert told_apart(turns, 2) == turns


# ---------------------------------------------------------------- the sound


def test_the_spectrum_has_a_row_every_10_ms() -> None:
    assert fbank(np.zeros(100, np.int16)).shape == (0, 80)
    tone = (8000 * np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)).astype(np.int16)
    found = fbank(tone)
    assert found.shape == (98, 80)
    assert abs(int(found.mean(axis=0).argmax()) - 28) <= 1, "1 kHz is a third of the mel scale"
    assert np.allclose(found[0], fbank(tone[:400])[0])


def test_a_damaged_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "features.onnx").write_bytes(b"junk")
    with pytest.raises(EngineUnavailable, match="cannot be loaded"):
        Embedder(tmp_path)


def noise(seconds: float) -> Audio:
    samples = np.random.default_rng(1).normal(0, 900, round(16_000 * seconds))
    return Audio(samples.astype(np.int16), 16_000)


@pytest.mark.weights
@pytest.mark.parametrize("seconds", [0.1, 0.8, 14.0])
def test_recordings_of_every_length_have_a_voice_for_each_word(
    campplus: Path, seconds: float
) -> None:
    audio = noise(seconds)
    words = [
        CaptionWord("word", at, min(at + 300, audio.duration_ms), "spoken", 1)
        for at in range(0, audio.duration_ms, 400)
    ]
    assert speakers.diarize(audio, words, campplus, VoiceLimits()) == (0,) * len(words)
    assert speakers.diarize(audio, (), campplus, VoiceLimits()) == ()
    assert speakers.diarize(audio, words, campplus, VoiceLimits(1, 1)) == (0,) * len(words)


@pytest.mark.weights
def test_vectors_do_not_depend_on_where_a_block_begins(campplus: Path) -> None:
    audio = noise(12.0)
    later = Audio(audio.samples[16_000:], 16_000)
    words = [CaptionWord("word", at, at + 500, "spoken", 1) for at in range(3000, 9000, 500)]
    moved = [CaptionWord("word", w.start_ms - 1000, w.end_ms - 1000, "spoken", 1) for w in words]
    one, _ = embed(audio, words, Embedder(campplus))
    two, _ = embed(later, moved, Embedder(campplus))
    assert (one * two).sum(axis=1).min() > 0.97
