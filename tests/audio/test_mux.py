"""Captions in a video: read back by PyAV and ffmpeg; nothing else of the video is another."""

import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from processes import running

from aligner.audio import decode, mux
from aligner.audio import ffmpeg as ffmpeg_tool
from aligner.audio.mux import Subtitles, Video
from aligner.captions.formats import FORMATS, PLAIN
from aligner.errors import BadSource, EngineUnavailable, MediaUnavailable, OutputError
from aligner.types import CaptionResult, Captions, Cue

CUES = (
    Cue(500, 1500, ("AT&T is < 5 %,", "<b>two</b> lines"), "verified"),
    Cue(2000, 2600, ("العربية 水 end",), "spoken"),
)
_RESULT = CaptionResult("captioned", "", "x", captions=Captions("de-CH", CUES, ()))
MADE = Subtitles("de-CH", lambda kind: FORMATS[kind].render(_RESULT, PLAIN))
JOINER = "\u2060"


def ffmpeg(folder: Path, arguments: str) -> bytes:
    command = [str(ffmpeg_tool.ffmpeg_path()), "-y", "-v", "error", "-nostdin", *arguments.split()]
    return subprocess.run(command, check=True, cwd=folder, capture_output=True, timeout=60).stdout


PICTURE = "-f lavfi -i color=gray:s=160x120:r=25:d=3"
SOUND = "-f lavfi -i sine=d=3"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    (folder / "old.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nold\n", encoding="utf-8")
    ffmpeg(folder, f"{PICTURE} {SOUND} -c:v libx264 -preset ultrafast -c:a aac film.mp4")
    ffmpeg(folder, "-itsoffset 0.4 -i film.mp4 -c copy late.mp4")
    ffmpeg(folder, "-i film.mp4 -i old.srt -c copy -c:s srt -map 0 -map 1 with.mkv")
    ffmpeg(folder, "-i film.mp4 -c copy film.ts")
    ffmpeg(folder, f"{PICTURE} {SOUND} -c:v libvpx -deadline realtime -c:a libopus film.webm")
    ffmpeg(folder, "-i film.mp4 -vn -c copy sound.m4a")
    return folder


def video(path: Path) -> Video:
    return Video(path, path.name, decode.probe(path), decode.offset_s(path))


def track(path: Path, number: int = 0) -> list[tuple[int, int, str]]:
    """The cues of a subtitle track, as ffmpeg writes them to SubRip."""
    shift = f"-itsoffset {decode.offset_s(path)}"
    text = ffmpeg(path.parent, f"{shift} -i {path.name} -map 0:s:{number} -f srt -").decode("utf-8")
    found = []
    for block in text.strip().split("\n\n"):
        _, times, *lines = block.split("\n")
        start, end = (
            round(sum(float(p) * f for p, f in zip(t.replace(",", ".").split(":"), (3600, 60, 1),
                                                   strict=True)) * 1000)
            for t in times.split(" --> ")
        )  # fmt: skip
        found.append((start, end, "\n".join(lines).replace(JOINER, "")))
    return found


def packets(path: Path, kind: str) -> list[tuple[float, bytes]]:
    with av.open(str(path)) as container:
        (stream,) = (s for s in container.streams if s.type == kind)
        return [
            (float(p.pts * p.time_base), bytes(p))
            for p in container.demux(stream)
            if p.pts is not None
        ]


def _expect_same(now: list[tuple[float, bytes]], before: list[tuple[float, bytes]]) -> None:
    """The same packets at the same times; containers round to a millisecond."""
    assert [data for _, data in now] == [data for _, data in before]
    assert [at for at, _ in now] == pytest.approx([at for at, _ in before], abs=0.001)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "made", "codec"),
    [
        ("film.mp4", "out.mp4", "mov_text"),
        ("late.mp4", "out.mp4", "mov_text"),
        ("film.webm", "out.webm", "webvtt"),
        ("with.mkv", "out.mkv", "srt"),
        ("film.ts", "out.mkv", "srt"),
    ],
)
def test_a_track_is_added_and_nothing_else_changes(
    films: Path, tmp_path: Path, name: str, made: str, codec: str
) -> None:
    told: list[tuple[int, int | None]] = []
    path = mux.embed(MADE, video(films / name), tmp_path / "out", lambda *at: told.append(at))
    assert path == tmp_path / made
    assert [p.name for p in tmp_path.iterdir()] == [made]
    assert track(path) == [(c.start_ms, c.end_ms, "\n".join(c.lines)) for c in CUES]
    with av.open(str(path)) as container:
        first = container.streams.subtitles[0]
        assert (first.codec_context.name, first.language) == (codec, "deu")
    if name != "film.ts":  # whose clock begins elsewhere, and whose packets are framed otherwise
        for kind in ("video", "audio"):
            _expect_same(packets(path, kind), packets(films / name, kind))
    assert told[-1][0] > 2000


@pytest.mark.slow
def test_tracks_that_were_there_stay(films: Path, tmp_path: Path) -> None:
    path = mux.embed(MADE, video(films / "with.mkv"), tmp_path / "out")
    assert track(path, 1) == [(1000, 2000, "old")]


def frames(path: Path) -> Iterator[tuple[float, Any]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.time, frame.to_ndarray(format="gray")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["film.mp4", "late.mp4"])
def test_burnt_in_captions_are_seen_while_they_are_shown(
    films: Path, tmp_path: Path, name: str
) -> None:
    path = mux.burn_in(MADE, video(films / name), tmp_path / "out")
    assert path == tmp_path / "out.mp4"
    for at, picture in frames(path):
        changed = np.ptp(picture.astype(int)) > 60
        shown = any(c.start_ms / 1000 + 0.05 < at < c.end_ms / 1000 - 0.05 for c in CUES)
        hidden = all(not c.start_ms / 1000 - 0.05 < at < c.end_ms / 1000 + 0.05 for c in CUES)
        assert not (shown and not changed), at
        assert not (hidden and changed), at
    _expect_same(packets(path, "audio"), packets(films / name, "audio"))


# ---------------------------------------------------------------- what goes wrong


def test_sound_alone_is_told(films: Path, tmp_path: Path) -> None:
    for way in (mux.embed, mux.burn_in):
        with pytest.raises(BadSource, match=r"sound\.m4a: sound alone"):
            way(MADE, video(films / "sound.m4a"), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_without_the_filter_it_says_so(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ffmpeg_tool.ffmpeg_path()
    script = tmp_path / "ffmpeg"
    script.write_text(f'#!/bin/sh\n{real} "$@" | grep -v subtitles\n', encoding="utf-8")
    script.chmod(stat.S_IRWXU)
    monkeypatch.setattr(mux, "ffmpeg_path", lambda: script)
    with pytest.raises(EngineUnavailable, match="no subtitles filter"):
        mux.burn_in(MADE, video(films / "film.mp4"), tmp_path / "out")


def test_without_a_font_it_says_so(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "none.conf").write_text("<fontconfig></fontconfig>", encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "none.conf"))
    with pytest.raises(EngineUnavailable, match="no font"):
        mux.burn_in(MADE, video(films / "film.mp4"), tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["none.conf"]


def test_a_video_is_never_written_over_itself(films: Path, tmp_path: Path) -> None:
    own = tmp_path / "film.mp4"
    own.write_bytes((films / "film.mp4").read_bytes())
    with pytest.raises(BadSource, match="over the video itself"):
        mux.embed(MADE, video(own), tmp_path / "film")
    assert own.read_bytes() == (films / "film.mp4").read_bytes()


def test_a_damaged_video_leaves_no_file(films: Path, tmp_path: Path) -> None:
    broken = replace(video(films / "film.mp4"), path=films / "old.srt")
    with pytest.raises(MediaUnavailable, match="captions cannot be put into it"):
        mux.embed(MADE, broken, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(films: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the folder does not exist"):
        mux.embed(MADE, video(films / "film.mp4"), tmp_path / "none" / "out")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_an_interruption_leaves_nothing(films: Path, tmp_path: Path) -> None:
    def interrupt(_done: int, _total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mux.burn_in(MADE, video(films / "film.mp4"), tmp_path / "out", interrupt)
    assert not list(tmp_path.iterdir())
    assert not running("ffmpeg")
