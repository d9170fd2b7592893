"""Makes recordings that are hard to understand from clean ones; nothing moves in time.

Used by noise.py. The signal-to-noise ratio of a mixture counts the speech's own level: the mean
power of its frames of 20 ms that lie at most 35 dB below the loudest one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

RATE = 16_000
FRAME = RATE // 50
SPEECH_RANGE_DB = 35
LOWEST_PINK_HZ = 40
ROOM_S, DIRECT_MS = 0.6, 4
"""The time in which a room's echo falls by 60 dB, and how long after the voice it begins."""
VOICES = 6
"""Voices of a murmur."""
OPUS_BITS = 8_000
NOTES = (0, 3, 7, 10, 12, 15)
"""Semitones above the chord's root from which the melody is taken."""
CHORDS = (45, 41, 48, 43)
"""Roots of the chords, as MIDI numbers."""
CHORD_S, NOTE_S = 2.0, 0.25

Sound = NDArray[np.float64]
"""Samples at 16 kHz in [-1, 1]."""
Chance = np.random.Generator


def speech_power(sound: Sound) -> float:
    """Returns the mean power of the frames with speech."""
    powers = (sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME) ** 2).mean(axis=1)
    spoken = powers[powers >= powers.max() * 10 ** (-SPEECH_RANGE_DB / 10)]
    return float(spoken.mean())


def mixed(sound: Sound, noise: Sound, snr_db: float) -> Sound:
    """Adds noise to speech at a signal-to-noise ratio."""
    gain = np.sqrt(speech_power(sound) / np.mean(noise**2) / 10 ** (snr_db / 10))
    return np.asarray(sound + gain * noise)


def pink(count: int, chance: Chance) -> Sound:
    """Returns noise whose power falls by 3 dB an octave."""
    spectrum = np.fft.rfft(chance.standard_normal(count))
    hz = np.arange(len(spectrum)) * RATE / count
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(hz, LOWEST_PINK_HZ)), count)


def music(count: int, chance: Chance) -> Sound:
    """Returns chords, a melody of plucked notes and soft strokes of noise."""
    made = np.zeros(count + int(CHORD_S * RATE))
    for at, start in enumerate(range(0, count, int(CHORD_S * RATE))):
        root = CHORDS[at % len(CHORDS)]
        for above in (0, 7, 12, 16):
            _add(made, start, 0.25 * _tone(root + above, CHORD_S, decay=0.8))
    for start in range(0, count, int(NOTE_S * RATE)):
        root = CHORDS[int(start / RATE / CHORD_S) % len(CHORDS)]
        note = root + 24 + int(chance.choice(NOTES))
        _add(made, start, 0.5 * _tone(note, 3 * NOTE_S, decay=4.0))
        stroke = chance.standard_normal(RATE // 20) * np.exp(-np.arange(RATE // 20) / 150)
        _add(made, start, 0.2 * stroke)
    return made[:count]


def _tone(note: int, seconds: float, decay: float) -> Sound:
    """Returns a note with seven overtones; ``decay``: nats a second."""
    t = np.arange(int(seconds * RATE)) / RATE
    hz = 440 * 2 ** ((note - 69) / 12)
    waves = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 9) if hz * k < RATE / 2)
    return np.asarray(waves * np.exp(-decay * t) * np.minimum(1, t / 0.01))


def _add(made: Sound, start: int, part: Sound) -> None:
    """Adds a part to a sound, as far as there is room for it."""
    room = made[start : start + len(part)]
    room += part[: len(room)]


def murmur(count: int, voices: Sequence[Sound], chance: Chance) -> Sound:
    """Returns several voices that speak at once, each as loud as the others."""
    made = np.zeros(count)
    for at in range(VOICES):
        voice = np.resize(voices[at % len(voices)], count)
        level = np.sqrt(np.mean(voice**2)) + 1e-12
        made += np.roll(voice, int(chance.integers(count))) / level
    return made


def in_a_room(sound: Sound, chance: Chance) -> Sound:
    """Returns a sound with its echo, which has the same power as the direct sound."""
    count = int(RATE * ROOM_S)
    echo = chance.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    echo[: DIRECT_MS * RATE // 1000] = 0
    echo /= np.sqrt((echo**2).sum())
    echo[0] = 1.0
    points = 1 << (len(sound) + count).bit_length()
    product = np.fft.rfft(sound, points) * np.fft.rfft(echo, points)
    return 0.5 * np.fft.irfft(product, points)[: len(sound)]


def conditions(name: str, voices: Sequence[Sound]) -> dict[str, Callable[[Sound], Sound]]:
    """Returns the conditions by name; each turns a clean recording into a worse one.

    ``name`` is the recording's; it is the seed of all that is random. ``voices`` are those of a
    murmur.
    """

    def chance(condition: str) -> Chance:
        return np.random.default_rng(zlib.crc32(f"{condition} {name}".encode()))

    def with_pink(snr_db: float, sound: Sound) -> Sound:
        return mixed(sound, pink(len(sound), chance("pink")), snr_db)

    def with_murmur(snr_db: float, sound: Sound) -> Sound:
        return mixed(sound, murmur(len(sound), voices, chance("murmur")), snr_db)

    return {
        "clean": lambda sound: sound,
        "opus8": lambda sound: sound,  # the codec is applied in ``write``
        "music5": lambda sound: mixed(sound, music(len(sound), chance("music")), 5),
        **{f"pink{db}": partial(with_pink, db) for db in (10, 5, 0)},
        "room": lambda sound: in_a_room(sound, chance("room")),
        **{f"murmur{db}": partial(with_murmur, db) for db in (10, 5)},
    }


def write(sound: Sound, folder: Path, condition: str) -> Path:
    """Writes a sound as FLAC, or as Opus at 8 kbit/s in the condition "opus8"."""
    codec, suffix = ("libopus", "opus") if condition == "opus8" else ("flac", "flac")
    path = folder / f"report.{suffix}"
    loud = max(1.0, float(np.abs(sound).max()))
    samples = np.round(sound / loud * 32_767).astype(np.int16)
    with av.open(str(path), "w", format="ogg" if codec == "libopus" else "flac") as file:
        stream: Any = file.add_stream(codec, rate=RATE)
        stream.layout = "mono"
        if codec == "libopus":
            stream.bit_rate = OPUS_BITS
        fifo = av.AudioFifo()
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        fifo.write(frame)
        stream.open()
        while (part := fifo.read(stream.frame_size or 4096, partial=True)) is not None:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path
