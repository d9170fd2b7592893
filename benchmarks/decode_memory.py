"""Measures the memory that looking into long recordings and decoding their sound takes.

    python benchmarks/decode_memory.py [--hours 3] [--only mp4,ts]

Makes recordings of that length, from sound alone to films of 7680 x 4320 pixels and 60 frames a
second, looks into each and decodes it. Address space is what the limits of these processes hold
(`LIMITS` in `aligner/audio/decode.py`, `OF_WHOLE_FILES` in `aligner/_util/inspector.py`); the
largest value is the one that they must not be below. Needs Linux.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from process_memory import ChildMemory

from aligner._util.inspector import OF_WHOLE_FILES, inspect
from aligner.audio import decode
from aligner.errors import AlignerError
from aligner.types import MediaFile, MediaLink

RATE = 48_000
SECOND = 60
"""Frames of a second of film, which are the same in every second."""


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of recording: its file's suffix, codecs, and the size of its pictures."""

    suffix: str
    sound: str
    film: str = ""
    size: tuple[int, int] = (0, 0)


FORMS = {
    "wav": Form("wav", "pcm_s16le"),
    "mp3": Form("mp3", "libmp3lame"),
    "m4a": Form("m4a", "aac"),
    "flac": Form("flac", "flac"),
    "webm": Form("webm", "libopus"),
    "mp4": Form("mp4", "aac", "libx264", (1920, 1080)),
    "mp4-4k": Form("mp4", "aac", "libx264", (3840, 2160)),
    "mp4-8k": Form("mp4", "aac", "libx264", (7680, 4320)),
    "mkv-4k": Form("mkv", "aac", "libx264", (3840, 2160)),
    "ts-4k": Form("ts", "aac", "libx264", (3840, 2160)),
    "ts-8k": Form("ts", "aac", "libx264", (7680, 4320)),
}


def packets_of_a_second(form: Form) -> tuple[list[Any], list[Any]]:
    """Encode a second of sound and of film."""
    sound = av.CodecContext.create(form.sound, "w")
    assert isinstance(sound, av.AudioCodecContext)  # noqa: S101
    sound.sample_rate, sound.layout, sound.time_base = RATE, "stereo", Fraction(1, RATE)
    sound.format = sound.codec.audio_formats[0] if sound.codec.audio_formats else "s16"
    sound.open()
    size = sound.frame_size or 1024
    tone = (np.sin(np.arange(RATE) / RATE * 2 * np.pi * 220) * 8000).astype("<i2")
    resampler = av.AudioResampler(format=sound.format, layout="stereo", rate=RATE, frame_size=size)
    packets = []
    frame = av.AudioFrame.from_ndarray(np.repeat(tone, 2)[None, :], format="s16", layout="stereo")
    frame.sample_rate, frame.pts = RATE, 0
    for part in resampler.resample(frame):
        packets += sound.encode(part)
    return packets, _film(form) if form.film else []


def _film(form: Form) -> list[Any]:
    film = av.CodecContext.create(form.film, "w")
    assert isinstance(film, av.VideoCodecContext)  # noqa: S101
    film.width, film.height = form.size
    film.pix_fmt, film.time_base, film.framerate = "yuv420p", Fraction(1, SECOND), Fraction(SECOND)
    film.options = {"preset": "ultrafast", "g": "60", "bf": "0", "refs": "6", "threads": "1"}
    picture = np.zeros((form.size[1] * 3 // 2, form.size[0]), np.uint8)
    packets = []
    for number in range(SECOND):
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = number
        packets += film.encode(frame)
    return packets + film.encode(None)


def make(form: Form, path: Path, hours: float) -> None:
    """Write a recording in which each second is like the first."""
    packets, pictures = packets_of_a_second(form)
    with av.open(str(path), "w") as out:
        sound: Any = out.add_stream(form.sound, rate=RATE)
        sound.layout = "stereo"
        film: Any = out.add_stream(form.film, rate=SECOND) if form.film else None
        if film:
            film.width, film.height = form.size
            film.pix_fmt = "yuv420p"
        ticks = 0
        for second in range(round(hours * 3600)):
            for packet in packets:
                ticks = _mux(out, sound, packet, ticks, Fraction(1, RATE))
            for number, packet in enumerate(pictures):
                _mux(out, film, packet, second * SECOND + number, Fraction(1, SECOND))


def _mux(out: Any, stream: Any, packet: Any, ticks: int, tick: Fraction) -> int:
    """Write a copy of a packet at a time; returns the time after it."""
    copy: Any = av.Packet(bytes(packet))
    copy.pts = copy.dts = ticks
    copy.time_base, copy.duration, copy.stream = tick, packet.duration, stream
    copy.is_keyframe = packet.is_keyframe
    out.mux(copy)
    after: int = ticks + packet.duration
    return after


def measured(path: Path, folder: Path) -> str:
    """Look into a recording and decode it; returns a line of the table."""
    media = MediaFile(path, MediaLink(path.name, "audio", "given"), None, "5" * 64)
    began = time.monotonic()
    with ChildMemory() as looking:
        inspect(path, path.name, OF_WHOLE_FILES)
        looking.sample()
    why = ""
    with ChildMemory() as decoding:
        try:
            decode.decode(media, folder)
        except AlignerError as error:
            why = str(error)
    columns = (looking.address_mb, looking.resident_mb, decoding.address_mb, decoding.resident_mb)
    return "".join(f"{mb:10d}" for mb in columns) + f"{time.monotonic() - began:8.0f} s  {why}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--only", default=",".join(FORMS), help="which recordings")
    options = parser.parse_args()
    print(f"{'':8} looking in, MB      decoding, MB\n{'':8}{'address  resident':>20}" * 1)
    for name in options.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"a.{FORMS[name].suffix}"
            make(FORMS[name], path, options.hours)
            print(f"{name:8}{measured(path, Path(folder))}", flush=True)


if __name__ == "__main__":
    main()
