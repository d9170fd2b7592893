"""A recording of which only a part could be had is not captioned as if it were whole."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from news_site import LENGTH_S, PAGE, SAMPLE, options
from server import Reply, Server
from tones import media_file, run_ffmpeg, tones, write_wav

from aligner.audio.decode import decode
from aligner.discovery.hls import read
from aligner.pipeline import check, steps
from aligner.pipeline.diagnosis import shortfall
from aligner.types import Audio, MediaFile, MediaLink

CASES = [
    # decoded, unreadable, the page, the manifest, the file, who declares more
    (60_000, 0, None, None, None, None),
    (60_000, 0, 60_900, 60_500, 60_400, None),
    (600_000, 0, 611_000, None, None, None),
    (60_000, 0, 40_000, 40_000, 40_000, None),
    (9_600, 0, None, 18_900, None, "its manifest"),
    (18_900, 6_000, None, 18_900, None, "its manifest"),
    (18_900, 300, None, 18_900, None, None),
    (9_600, 0, None, None, 18_900, "its file"),
    (9_600, 0, 18_900, None, None, "the page"),
    (190_000, 0, 197_000, None, None, None),  # cut a little shorter after it was published
    (170_000, 0, 197_000, None, None, "the page"),
    (190_000, 0, None, 197_000, None, "its manifest"),
    (181_000, 0, 240_000, None, None, None),  # rounded to minutes
    (170_000, 0, 240_000, None, None, "the page"),
    (211_000, 0, 240_001, None, None, "the page"),
    (211_000, 0, None, 240_000, None, "its manifest"),
]


@pytest.mark.parametrize(("decoded", "unreadable", "page", "manifest", "in_file", "by"), CASES)
def test_shortfall(
    decoded: int,
    unreadable: int,
    page: int | None,
    manifest: int | None,
    in_file: int | None,
    by: str | None,
) -> None:
    link = MediaLink("a.mp4", "audio", "html5", declared_duration_ms=page)
    audio = Audio(np.zeros(decoded * 16, np.int16), 16_000, declared_ms=in_file)
    why = shortfall(audio, MediaFile(Path("a.mp4"), link, manifest, "", unreadable))
    if by is None:
        assert why is None
    else:
        assert why
        assert f"that {by} declares" in why
        assert f"{(decoded - unreadable) / 1000:.1f} s of the" in why


def riff_size(size: int) -> Callable[[bytes], bytes]:
    """Returns what puts a size into a WAV file, as programs do that write to a pipe."""

    def put(data: bytes) -> bytes:
        at = data.index(b"data") + 4
        return data[:at] + struct.pack("<I", size) + data[at + 4 :]

    return put


def as_it_is(data: bytes) -> bytes:
    return data


def first_half(data: bytes) -> bytes:
    return data[: len(data) // 2]


FILM = "-f lavfi -i testsrc2=s=64x64:r=25:d=9 -i tones.wav -c:v"
WHOLE = [
    ("pictures.webm", f"{FILM} libvpx -c:a libopus", as_it_is),
    ("pictures.mkv", f"{FILM} libx264 -c:a aac", as_it_is),
    ("pictures.mp4", f"{FILM} libx264 -c:a aac", as_it_is),
    ("pictures.flv", f"{FILM} flv -c:a aac", as_it_is),
    ("pictures.avi", f"{FILM} mpeg4 -c:a mp3", as_it_is),
    ("no_header.mp3", "-i tones.wav -q:a 4 -write_xing 0", as_it_is),
    ("header.mp3", "-i tones.wav -q:a 4", as_it_is),
    ("late.mp4", "-i tones.wav -c:a aac -output_ts_offset 30", as_it_is),
    ("sox.wav", "-i tones.wav", riff_size(0x7FFF_FFFF - 36)),
    ("ffmpeg.wav", "-i tones.wav", riff_size(0xFFFF_FFFF)),
    ("empty.wav", "-i tones.wav", riff_size(0)),
    ("half_of_it.ts", "-i tones.wav -c:a aac", first_half),
]
CUT = [
    ("faststart.mp4", "-i tones.wav -c:a aac -movflags faststart", first_half),
    ("film.mp4", f"{FILM} libx264 -c:a aac -movflags faststart", first_half),
    ("film.mkv", f"{FILM} libx264 -c:a aac", first_half),
    ("header.mp3", "-i tones.wav -q:a 4", first_half),
    ("sound.flac", "-i tones.wav", first_half),
]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    rng = np.random.default_rng(5)
    noise = rng.integers(-900, 900, 4 * 44_100).astype(np.int16)
    write_wav(folder / "tones.wav", tones(44_100) + noise, 44_100)
    return folder


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The beginning of the sample's recording, in a file that says how long it is."""
    folder = tmp_path_factory.mktemp("recording")
    film = str(SAMPLE / "russia-and-assad.mp4")
    run_ffmpeg(folder, "-i", film, "-t", str(LENGTH_S), "-c", "copy", "film.mp4")
    return (folder / "film.mp4").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "made", "changed", "is_cut"),
    [(*case, False) for case in WHOLE] + [(*case, True) for case in CUT],
)
def test_files_that_are_cut_and_files_that_only_seem_so(
    sources: Path,
    tmp_path: Path,
    name: str,
    made: str,
    changed: Callable[[bytes], bytes],
    is_cut: bool,
) -> None:
    path = tmp_path / name
    run_ffmpeg(sources, made, str(path))
    path.write_bytes(changed(path.read_bytes()))
    media = media_file(path)
    why = shortfall(decode(media, tmp_path), media)
    assert (why is not None) == is_cut, why
    if why:
        assert "that its file declares" in why


@pytest.mark.parametrize(
    ("durations", "least_ms"),
    [("4 4 4 4", 10_500), ("4.0 4.0 2.85", 10_850), ("9.6", 9_600), ("4.0 4.0", 8_000)],
)
def test_durations_in_whole_seconds_may_be_rounded(durations: str, least_ms: int) -> None:
    lines = "".join(f"#EXTINF:{one},\n{n}.ts\n" for n, one in enumerate(durations.split()))
    playlist = read(f"#EXTM3U\n{lines}#EXT-X-ENDLIST\n", "https://a.example/m.m3u8")
    assert playlist.least_duration_ms == least_ms


@pytest.mark.slow
@pytest.mark.parametrize(("declared", "is_whole"), [("PT3M17S", False), ("PT26S", True)])
def test_what_the_page_declares(
    recording: bytes, tmp_path: Path, declared: str, is_whole: bool
) -> None:
    """The captions are made all the same; ``check`` says both lengths."""
    said = json.dumps({"@type": "VideoObject", "contentUrl": "/film.mp4", "duration": declared})
    block = f'<script type="application/ld+json">{said}</script></head>'.encode()
    page = Reply(PAGE.replace(b"</head>", block, 1))
    film = Reply(recording, "video/mp4", ranges=True)
    with Server({"/story/": page, "/film.mp4": film}) as server:
        heard = options(tmp_path)
        checked = check.check(server.url("/story/"), heard)
        outcome = steps.caption(server.url("/story/"), heard)
    assert outcome.captions
    assert outcome.captions.cues
    assert checked.state == "playable"
    part = r"only part of the recording can be had: 25\.\d s of the 197\.0 s that the page declares"
    said_so = [bool(re.search(part, reason)) for reason in (outcome.reason, checked.reason)]
    if is_whole:
        assert (outcome.status, outcome.state, said_so) == ("captioned", "playable", [False] * 2)
    else:
        assert (outcome.status, outcome.state) == ("media_unavailable", "gone")
        assert said_so == [True, True]
