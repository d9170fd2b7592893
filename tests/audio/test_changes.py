"""A recording that changes on the way, and a clock that starts anew: time stamps rule."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from pathlib import Path

import pytest
from tones import BURSTS_MS, media_file, onsets_ms, run_ffmpeg, tones, write_wav

from aligner.audio.decode import decode
from aligner.pipeline.diagnosis import shortfall

SECONDS = 4.0
"""The length of every part."""
MP3_DELAY = 1105
"""Samples before the sound of an MP3 file."""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tones at several rates."""
    folder = tmp_path_factory.mktemp("sources")
    for rate in (22_050, 44_100, 48_000):
        write_wav(folder / f"{rate}.wav", tones(rate, SECONDS), rate)
    return folder


def aac_ms(rate: int) -> float:
    """The length of a part in frames of AAC: no field tells the delay of the encoder."""
    return ceil((SECONDS * rate + 1024) / 1024) * 1024_000 / rate


def mp3_ms(rate: int, next_rate: int) -> float:
    """Where the sound of a part begins that is joined to a part of MP3.

    A player takes the LAME header of the first part alone; the second one's is a frame of silence.
    """
    size, next_size = (1152 if r > 24_000 else 576 for r in (rate, next_rate))
    frames = ceil((SECONDS * rate + MP3_DELAY) / size)
    first = (frames * size - MP3_DELAY) / rate
    return 1000 * (first + (next_size + MP3_DELAY) / next_rate)


@dataclass(frozen=True)
class Joined:
    """Parts that are joined byte by byte, and where their tones are due."""

    name: str
    parts: tuple[str, ...]
    starts_ms: tuple[float, ...] = (0, 4000)
    """Where the parts begin, by their timestamps."""
    within_ms: float = 5


LOW, A, B = "-i 22050.wav", "-i 44100.wav", "-i 48000.wav"
MONO, STEREO, SURROUND = "-ac 1", "-ac 2", "-ac 6"
AAC = "-c:a aac -b:a 96k"
TS = "-c:a mp2 -muxdelay 0 -output_ts_offset"
FRAGMENTS = "-movflags frag_keyframe+empty_moov+default_base_moof -frag_duration 1000000 -f mp4"
PCM = "-c:a pcm_s16le"
AAC_LATE = 1024 / 44.1
"""What an AAC encoder puts before the sound of a stream."""

JOINED = [
    Joined("rate.mp3", (f"{A} {MONO}", f"{B} {MONO}"), (0, mp3_ms(44_100, 48_000))),
    Joined("channels.mp3", (f"{A} {STEREO}", f"{A} {MONO}"), (0, mp3_ms(44_100, 44_100))),
    Joined("both.mp3", (f"{B} {STEREO}", f"{A} {MONO}"), (0, mp3_ms(48_000, 44_100))),
    Joined("mpeg_2.mp3", (f"{LOW} {MONO}", f"{A} {STEREO}"), (0, mp3_ms(22_050, 44_100))),
    Joined("rate.aac", (f"{A} {AAC}", f"{B} {AAC}"), (AAC_LATE, aac_ms(44_100) + 1024 / 48)),
    Joined("channels.aac", (f"{A} {SURROUND} {AAC}", f"{A} {STEREO} {AAC}"),
           (AAC_LATE, aac_ms(44_100) + AAC_LATE)),
    Joined("rate.flac", (A, B)),
    Joined("channels.flac", (f"{A} {MONO}", f"{B} {SURROUND}")),
    Joined("same.flac", (A, A, A), (0, 4000, 8000)),
    Joined("vorbis.ogg", (f"{A} -c:a libvorbis {STEREO}", f"{B} -c:a libvorbis {MONO}")),
    Joined("same.opus", (f"{B} -c:a libopus", f"{B} -c:a libopus"), within_ms=10),
    Joined("channels.opus", (f"{B} -c:a libopus {STEREO}", f"{B} -c:a libopus"), within_ms=10),
    Joined("codec.ogg", (f"{A} -c:a libvorbis", f"{B} -c:a libopus", f"{A} -c:a flac"),
           (0, 4000, 8000), 10),
    Joined("layout.ts", (f"{B} {AAC} {SURROUND} -muxdelay 0 -output_ts_offset 0",
                         f"{B} {AAC} {STEREO} -muxdelay 0 -output_ts_offset 4"),
           (1024 / 48, 4000)),
    Joined("gap.ts", (f"{B} {TS} 0", f"{A} {TS} 7"), (0, 7000), 30),
    Joined("clock_back.ts", (f"{B} {TS} 100", f"{A} {TS} 0"), (0, 4032), 30),
    Joined("clock_ahead.ts", (f"{B} {TS} 0", f"{A} {TS} 5000"), (0, 4032), 30),
    Joined("wrap.ts", (f"{B} {TS} 95439.7", f"{B} {TS} 95443.7"), within_ms=30),
    Joined("other_pid.ts", (f"{B} {TS} 0", f"{A} {TS} 4 -streamid 0:300"), within_ms=30),
    Joined("other_codec.ts", (f"{B} {TS} 0", f"{A} {AAC} -muxdelay 0 -output_ts_offset 0"),
           (0, 4032 + AAC_LATE), 30),
    Joined("same.mp4", (f"{A} {AAC} {FRAGMENTS}",) * 3,
           tuple(n * aac_ms(44_100) + AAC_LATE for n in range(3))),
    Joined("no_moov.mp4", (f"{A} {AAC} {FRAGMENTS}",) * 3,
           tuple(n * aac_ms(44_100) + AAC_LATE for n in range(3))),
    Joined("no_moov_opus.mp4", (f"{B} -c:a libopus {STEREO} {FRAGMENTS}",) * 2, within_ms=30),
    Joined("no_moov_film.mp4", (f"-f lavfi -i testsrc2=s=64x64:r=25:d=4 {B} -c:v libx264 -g 25 "
                                f"-c:a flac -strict -2 {FRAGMENTS}",) * 2, (80, 4160)),
    Joined("rate.mp4", (f"{A} {AAC} {STEREO} {FRAGMENTS}", f"{B} {AAC} {MONO} {FRAGMENTS}"),
           (AAC_LATE, aac_ms(44_100) + 1024 / 48)),
    Joined("codec.mp4", (f"{A} {AAC} {FRAGMENTS}", f"{B} -c:a libopus {FRAGMENTS}"),
           (AAC_LATE, aac_ms(44_100))),
    Joined("clock_ahead.mp4", (f"{A} {AAC} {FRAGMENTS}",
                               f"{B} {AAC} {FRAGMENTS} -output_ts_offset 500"),
           (AAC_LATE, aac_ms(44_100) + 1024 / 48)),
    Joined("whole_files.mp4", (f"{A} {AAC} -movflags faststart", f"{B} {AAC}"), within_ms=20),
    Joined("joined.mka", (f"{A} {PCM} -f matroska", f"{B} {STEREO} {PCM} -f matroska")),
    Joined("joined.webm", (f"{B} -c:a libopus", f"{A} -c:a libvorbis {STEREO}"), within_ms=15),
    Joined("joined.mpg", (f"{B} -c:a mp2", f"{A} -c:a mp2"), (0, 4032), 30),
]  # fmt: skip


def joined(case: Joined, sources: Path, folder: Path) -> Path:
    """The parts of a case, joined byte by byte."""
    whole = folder / case.name
    pieces: list[bytes] = []
    for number, made in enumerate(case.parts):
        part = folder / f"part{number}{whole.suffix}"
        run_ffmpeg(sources, made, str(part))
        data = part.read_bytes()
        pieces.append(
            data[data.index(b"moof") - 4 :] if "no_moov" in case.name and pieces else data
        )
    whole.write_bytes(b"".join(pieces))
    return whole


@pytest.mark.slow
@pytest.mark.parametrize("case", JOINED, ids=[case.name for case in JOINED])
def test_every_part_lies_where_its_timestamps_put_it(
    case: Joined, sources: Path, tmp_path: Path
) -> None:
    media = media_file(joined(case, sources, tmp_path))
    audio = decode(media, tmp_path)
    assert shortfall(audio, media) is None
    due = [start + burst for start in case.starts_ms for burst in BURSTS_MS]
    assert onsets_ms(audio) == pytest.approx(due, abs=case.within_ms)
