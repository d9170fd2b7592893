"""Channels that cancel each other are heard; those that do not are summed as libav sums them."""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from aligner.audio import decode, downmix
from aligner.audio.ffmpeg import ffmpeg_path
from aligner.types import Channel, MediaFile, MediaLink

RATE = 44_100
SECONDS = 12
RANDOM = np.random.default_rng(20)
Sound = NDArray[np.float64]
"""Samples in [-1, 1]; shape (n,), or (n, channels)."""


def syllables(seed: int = 1, level: float = 0.2) -> Sound:
    """Returns noise in bursts of 150 ms with pauses of 50 ms, and a pause of a second at 4 s."""
    t = np.arange(RATE * SECONDS) / RATE
    on = (t % 0.2 < 0.15) & ~((t > 4) & (t < 5))
    return np.asarray(on * noise(level, seed))


def noise(level: float, seed: int) -> Sound:
    """Returns noise with more of the low frequencies, as voices and music have it."""
    white = np.random.default_rng(seed).normal(size=RATE * SECONDS)
    low = np.convolve(white, np.hanning(24), "same")
    return np.asarray(level * low / low.std() / 3)


def between(start_s: float, end_s: float) -> Sound:
    """Returns 1 from ``start_s`` up to ``end_s``, else 0."""
    t = np.arange(RATE * SECONDS) / RATE
    return np.where((t >= start_s) & (t < end_s), 1.0, 0.0)


def write(path: Path, *channels: Sound, layout: str = "") -> Path:
    """Write channels as 16-bit samples; another ending than .wav encodes them with ffmpeg."""
    samples = np.clip(np.stack(channels, axis=1), -1, 1) * 32767
    plain = path.with_suffix(".wav")
    with wave.open(str(plain), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(samples).astype("<i2").tobytes())
    if path != plain:
        given = ["-channel_layout", layout] if layout else []
        ffmpeg("-y", *given, "-i", plain, "-b:a", "128k", path)
    return path


def ffmpeg(*arguments: str | Path) -> bytes:
    """Run ffmpeg, and return what it writes."""
    command = [ffmpeg_path(), "-nostdin", "-v", "error", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def heard(path: Path) -> NDArray[np.int16]:
    file = MediaFile(path, MediaLink(path.name, "audio", "given"), None, "")
    return np.array(decode.decode(file, path.parent).samples)


def level(samples: NDArray[np.int16], start_s: float = 0, end_s: float = SECONDS) -> float:
    part = samples[round(start_s * 16_000) : round(end_s * 16_000)].astype(np.float64)
    return float(part.std()) / 32768


def summed_by_ffmpeg(path: Path) -> NDArray[np.int16]:
    """The samples of ffmpeg's own downmix."""
    by_timestamps = "aresample=16000:async=1:first_pts=0:min_comp=0.0001:min_hard_comp=0.02"
    done = ffmpeg("-i", path, "-af", by_timestamps, "-ac", "1", "-f", "s16le", "-")
    return np.frombuffer(done, "<i2")


# ---------------------------------------------------------------- channels that cancel

VOICE = syllables()
MUSIC = (noise(0.1, 2), noise(0.1, 3))
BOTH = VOICE + 0.5 * MUSIC[0] + 0.5 * MUSIC[1]
CANCELLED: list[tuple[str, Sound, Sound]] = [
    ("inverted.wav", VOICE, -VOICE),
    ("inverted.mp3", VOICE, -VOICE),
    ("inverted.m4a", VOICE, -VOICE),
    ("inverted.flac", -VOICE, VOICE),
    ("nearly.mp3", VOICE, -0.9 * VOICE),
    ("quiet.flac", 0.01 * VOICE, -0.01 * VOICE),
    ("from_the_middle.mp3", VOICE, VOICE * (1 - 2 * between(6, 12))),
    ("up_to_a_place.m4a", VOICE, VOICE * (1 - 2 * between(0, 7.03))),
    ("between.flac", VOICE, VOICE * (1 - 2 * between(3, 3.9) - 2 * between(8.05, 10))),
    ("with_noise.mp3", VOICE + noise(0.01, 4), -VOICE + noise(0.01, 5)),
    ("with_an_offset.flac", VOICE + 0.05, -VOICE + 0.05),
    ("with_wide_music.mp3", VOICE + MUSIC[0], -VOICE - MUSIC[1]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "left", "right"), CANCELLED, ids=[c[0] for c in CANCELLED])
def test_channels_that_cancel_are_heard_as_loud_as_they_are(
    tmp_path: Path, name: str, left: Sound, right: Sound
) -> None:
    samples = heard(write(tmp_path / name, left, right))
    due = heard(write(tmp_path / f"due_{name}", left, np.sign(left * right) * right))
    assert abs(len(samples) - len(due)) <= 1
    for start in np.arange(0, SECONDS, 0.2):
        loud, expected = level(samples, start, start + 0.2), level(due, start, start + 0.2)
        assert loud > 0.7 * expected - 1e-4, (start, loud, expected)


@pytest.mark.slow
def test_front_channels_that_cancel_in_surround_sound(tmp_path: Path) -> None:
    silent = np.zeros_like(VOICE)
    made = write(tmp_path / "surround.flac", VOICE, -VOICE, *[silent] * 4, layout="5.1")
    assert level(heard(made), 1, 3.8) > 0.2 * level(
        heard(write(tmp_path / "one.wav", VOICE)), 1, 3.8
    )


@pytest.mark.slow
@pytest.mark.parametrize("form", ["mp3", "aac", "ts", "flac", "ogg", "mka"])
def test_mono_that_becomes_channels_that_cancel(tmp_path: Path, form: str) -> None:
    mono = write(tmp_path / f"mono.{form}", VOICE)
    inverted = write(tmp_path / f"inverted.{form}", VOICE, -VOICE)
    joined = tmp_path / f"joined.{form}"
    joined.write_bytes(mono.read_bytes() + inverted.read_bytes())
    samples = heard(joined)
    assert len(samples) > 1.95 * SECONDS * 16_000
    first, second = np.split(samples, [SECONDS * 16_000])
    assert level(second, 1, 3.8) > 0.9 * level(first, 1, 3.8)


# ---------------------------------------------------------------- channels that do not

SUMMED: list[tuple[str, tuple[Sound, ...]]] = [
    ("mono.mp3", (VOICE,)),
    ("same.mp3", (VOICE, VOICE)),
    ("wide.mp3", (VOICE + MUSIC[0], VOICE + MUSIC[1])),
    ("unrelated.mp3", MUSIC),
    ("one_silent.flac", (VOICE, 0 * VOICE)),
    ("one_nearly_silent.flac", (VOICE, noise(0.0005, 6))),
    ("hard_left_and_right.mp3", (VOICE * between(0, 6), syllables(7) * between(6, 12))),
    ("offsets.flac", (VOICE * 0.1 + 0.05, VOICE * 0.1 - 0.05)),
    ("surround.flac", (MUSIC[0], MUSIC[1], VOICE, 0 * VOICE, *MUSIC)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "channels"), SUMMED, ids=[s[0] for s in SUMMED])
def test_other_channels_are_summed_sample_for_sample(
    tmp_path: Path, name: str, channels: tuple[Sound, ...]
) -> None:
    path = write(tmp_path / name, *channels, layout="5.1" if len(channels) == 6 else "")
    samples, due = heard(path), summed_by_ffmpeg(path)
    size = min(len(samples), len(due))  # PyAV's libraries end a few samples later
    assert size > 11.9 * 16_000
    assert np.array_equal(samples[:size], due[:size])


# ---------------------------------------------------------------- channels with different sound

TWO_VOICES = (VOICE, syllables(8))
DIFFERENT: list[tuple[str, tuple[Sound, ...], bool]] = [
    ("two_voices.mp3", TWO_VOICES, True),
    ("voice_and_music.mp3", (VOICE, MUSIC[0]), True),
    ("music_and_soft_voice.flac", (MUSIC[0], 0.4 * VOICE), True),
    ("two_voices_in_5_1.flac", (*TWO_VOICES, *[0 * VOICE] * 4), True),
    ("mono.mp3", (VOICE,), False),
    ("same.mp3", (VOICE, VOICE), False),
    ("inverted.mp3", (VOICE, -VOICE), False),
    ("wide.mp3", (VOICE + MUSIC[0], VOICE + MUSIC[1]), False),
    ("panned.mp3", (VOICE + 0.3 * syllables(8), 0.3 * VOICE + syllables(8)), False),
    ("one_silent.flac", (VOICE, 0 * VOICE), False),
    ("one_nearly_silent.flac", (VOICE, noise(0.0005, 6)), False),
    ("in_turn.flac", (VOICE * between(0, 6), syllables(8) * between(6, 12)), False),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "channels", "differ"), DIFFERENT, ids=[d[0] for d in DIFFERENT])
def test_channels_with_different_sound_are_reported_and_can_be_had_alone(
    tmp_path: Path, name: str, channels: tuple[Sound, ...], differ: bool
) -> None:
    path = write(tmp_path / name, *channels, layout="5.1" if len(channels) == 6 else "")
    file = MediaFile(path, MediaLink(name, "audio", "given"), None, "")
    assert bool(decode.decode(file, tmp_path).unrelated) == differ
    sides: tuple[Channel, ...] = ("left", "right") if len(channels) > 1 else ()
    for side, sound in zip(sides, channels, strict=False):
        alone = decode.decode(file, tmp_path, channel=side).samples
        due = heard(write(tmp_path / "due.wav", sound))
        size = min(len(alone), len(due))
        scale = 1 if len(channels) == 2 else 0.414  # as much as libav's fold-down leaves
        if due.any():
            assert np.corrcoef(alone[:size], due[:size])[0, 1] > 0.99
        assert level(alone) == pytest.approx(scale * level(due), rel=0.05, abs=0.001)


# ---------------------------------------------------------------- streaming


def pairs(*runs: tuple[float, Callable[[Sound], Sound]]) -> bytes:
    """Sum and difference of runs of noise, each of so many seconds with a right channel of it."""
    parts = []
    for seconds, right_of in runs:
        left = RANDOM.normal(0, 3000, round(seconds * 16_000))
        right = right_of(left)
        parts.append(np.stack([left + right, left - right], axis=1) / 2)
    return np.rint(np.concatenate(parts)).astype("<i2").tobytes()


def same(left: Sound) -> Sound:
    return left


def inverted(left: Sound) -> Sound:
    return -left


@pytest.mark.slow
def test_chunks_do_not_matter() -> None:
    data = pairs((3.003, same), (0.5, inverted), (2, same), (4.1234, inverted))
    whole = b"".join(downmix.Downmix().mono([data]))
    assert len(whole) == len(data) // 2
    for size in (1, 7, 1279, 1281, 64_000):
        chunks = [data[at : at + size] for at in range(0, len(data), size)]
        assert b"".join(downmix.Downmix().mono(chunks)) == whole


def test_no_sample_is_lost_where_the_stream_ends_within_one() -> None:
    data = pairs((0.51, same))
    assert len(b"".join(downmix.Downmix().mono([data[:-3]]))) == len(data) // 2 - 2


@pytest.mark.slow
def test_memory_and_lag_are_those_of_ten_seconds() -> None:
    """Evidence that is never enough leaves the samples before it undecided, but not for ever."""
    rare = np.zeros((1600, 2), "<i2")  # of five blocks one with something of the difference
    rare[:320:2, 1] = rare[:320:4, 0] = 3000
    data = rare.tobytes()
    behind = 0
    written = 0
    for done, part in enumerate(downmix.Downmix().mono([data] * 3000), start=1):
        written += len(part)
        behind = max(behind, min(done, 3000) * len(data) // 2 - written)
    assert written == 3000 * len(data) // 2
    assert behind <= (downmix.MAX_UNDECIDED + 5) * downmix.BLOCK * 2
