"""The sound lies where the player has it, and bad files end in sentences."""

from __future__ import annotations

import itertools
import json
import logging
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from processes import running
from tones import BURSTS_MS, media_file, onsets_ms, run_ffmpeg, tones, write_wav

from aligner.audio.decode import SAMPLE_RATE, decode, probe
from aligner.audio.ffmpeg import ffmpeg_or_none, ffmpeg_path
from aligner.errors import EngineUnavailable, MediaUnavailable, NoAudio, OutputError

TOLERANCE_MS = 1.0
AAC_PRIMING_MS = 1024 / 44.1
"""What an AAC encoder puts before the sound; no field of ADTS or MPEG-TS tells."""
MP3_DELAY_MS = 1105 / 44.1
"""LAME's 576 samples and the decoder's 529; only a LAME header tells."""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tones at both usual rates, and a picture."""
    folder = tmp_path_factory.mktemp("sources")
    for rate in (44_100, 48_000):
        write_wav(folder / f"{rate}.wav", tones(rate), rate)
    run_ffmpeg(folder, "-f lavfi -i color=red:s=64x64:d=1 -frames:v 1 cover.jpg")
    run_ffmpeg(folder, f"{VIDEO} -i 44100.wav -c:v mpeg4 -c:a aac film.mp4")
    run_ffmpeg(folder, f"-i film.mp4 -c copy -movflags faststart {folder}/header_first.mp4")
    return folder


VIDEO = "-f lavfi -i testsrc2=s=160x120:r=25:d=4"


A, B = "-i 44100.wav", "-i 48000.wav"
LATE = "-itsoffset 0.5"
KEEP = "-avoid_negative_ts disabled"
MPEG2 = "-c:v mpeg2video -c:a mp2"

CLOCKS = [
    # name, how it is made, by how much the sound lies later on the player's clock than in the wav
    ("plain.wav", f"{A} -c copy", 0.0),
    ("lame_header.mp3", f"{A} -b:a 64k", 0.0),
    ("cover.mp3", f"{A} -i cover.jpg -map 0 -map 1 -c:v copy -disposition:v attached_pic", 0.0),
    ("no_header.mp3", f"{A} -write_xing 0", MP3_DELAY_MS),
    ("aac_edit_list.m4a", f"{A} -c:a aac", 0.0),
    ("raw.aac", f"{A} -c:a aac", AAC_PRIMING_MS),
    ("pre_skip.opus", f"{B} -c:a libopus", 0.0),
    ("codec_delay.webm", f"{B} -c:a libopus", 0.0),
    ("vorbis.ogg", f"{A} -c:a libvorbis", 0.0),
    ("b_frames.mp4", f"{VIDEO} {A} -c:v mpeg4 -bf 2 -c:a aac", 0.0),
    ("cut_by_edit_list.mp4", "-ss 0.7 -i film.mp4 -c copy", -700.0),
    ("late_sound.mp4", f"{VIDEO} {LATE} {A} -c:v mpeg4 -c:a aac", 500.0),
    ("late_sound.mkv", f"{VIDEO} {LATE} {A} -c:v mpeg4 -c:a pcm_s16le", 500.0),
    ("late_sound.mpg", f"{VIDEO} {LATE} {B} {MPEG2}", 500.0),
    ("late_picture.mp4", f"{LATE} {VIDEO} {A} -map 0 -map 1 -c:v mpeg4 -c:a aac", 0.0),
    ("late_alone.m4a", f"{A} -c:a aac -output_ts_offset 2", 2000.0),
    ("late_alone.mka", f"{B} -c:a libopus -output_ts_offset 2", 2000.0),
    ("live_clock.mka", f"{A} -c:a pcm_s16le -output_ts_offset 90000", 0.0),
    ("before_zero.mkv", f"{VIDEO} -itsoffset -0.5 {B} -c:v mpeg4 -c:a pcm_s16le {KEEP}", -500.0),
    ("before_zero.mp4", f"{VIDEO} -itsoffset -0.5 {A} -c:v mpeg4 -c:a aac", -500.0),
    ("starts_at_1_4.ts", f"{A} -c:a aac", AAC_PRIMING_MS),
    ("late_sound.ts", f"{VIDEO} {LATE} {B} {MPEG2} -output_ts_offset 3600", 500.0),
    ("variable_rate.mp4", f"{VIDEO} {A} -vf select='not(mod(n,7))+gt(n,60)' -c:v mpeg4", 0.0),
    ("hole.mkv", f"{A} -af aselect='not(between(t,1.5,2))' -c:a pcm_s16le", 0.0),
    ("small_hole.mka", f"{A} -af aselect='not(between(t,1.5,1.55))' -c:a pcm_s16le", 0.0),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "made", "later_ms"), CLOCKS, ids=[c[0] for c in CLOCKS])
def test_sound_lies_where_the_player_has_it(
    sources: Path, tmp_path: Path, name: str, made: str, later_ms: float
) -> None:
    run_ffmpeg(sources, made, str(tmp_path / name))
    audio = decode(media_file(tmp_path / name), tmp_path)
    due = [b + later_ms for b in BURSTS_MS]
    assert onsets_ms(audio) == pytest.approx(due, abs=TOLERANCE_MS)


def test_clock_that_jumps_in_mpeg_ts_is_mended(sources: Path, tmp_path: Path) -> None:
    for name, offset in (("a.ts", "0"), ("b.ts", "5000")):
        run_ffmpeg(sources, f"{B} -c:a mp2 -output_ts_offset {offset}", str(tmp_path / name))
    joined = tmp_path / "joined.ts"
    joined.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    audio = decode(media_file(joined), tmp_path)
    assert onsets_ms(audio) == pytest.approx([1010, 3010, 5034, 7034], abs=30)


def test_samples_are_a_read_only_map_and_nothing_else_is_left(
    sources: Path, tmp_path: Path
) -> None:
    told: list[tuple[int, int | None]] = []
    file = media_file(sources / "film.mp4", sha256="5" * 64)
    audio = decode(file, tmp_path, lambda done, total: told.append((done, total)))
    assert isinstance(audio.samples, np.memmap)
    assert not audio.samples.flags.writeable
    assert audio.sample_rate == 16_000
    assert audio.duration_ms == pytest.approx(4000, abs=AAC_PRIMING_MS)
    assert told[-1] == (len(audio.samples) // 16, 4000)
    assert [p.name for p in tmp_path.iterdir()] == ["5" * 16 + ".pcm"]


def test_the_default_track_is_heard(sources: Path, tmp_path: Path) -> None:
    silence = "-f lavfi -i anullsrc=r=44100:cl=stereo:d=4"
    path = tmp_path / "two.mka"
    marks = "-disposition:a:0 0 -disposition:a:1 default"
    run_ffmpeg(sources, f"{silence} {A} -map 0 -map 1 -c:a flac {marks}", str(path))
    assert onsets_ms(decode(media_file(path), tmp_path)) == pytest.approx(BURSTS_MS, abs=1)


@pytest.mark.parametrize("name", ["a:b.mp4", "-x.mp4", "%03d.mp4", "pipe:.mp4", "naïve 新.mp4"])
def test_names_mean_nothing(sources: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes((sources / "film.mp4").read_bytes())
    assert onsets_ms(decode(media_file(tmp_path / name), tmp_path)) == pytest.approx(
        BURSTS_MS, abs=TOLERANCE_MS
    )


def test_probe(sources: Path, tmp_path: Path) -> None:
    film = probe(sources / "film.mp4")
    assert (film.has_audio, film.has_video, film.duration_ms) == (True, True, 4000)
    assert film.bytes == (sources / "film.mp4").stat().st_size
    assert film.container is not None
    assert "mp4" in film.container
    assert film.bitrate == pytest.approx(film.bytes * 2, rel=0.01)
    assert film.fps == 25
    run_ffmpeg(sources, f"{CLOCKS[2][1]}", str(tmp_path / "cover.mp3"))
    cover = probe(tmp_path / "cover.mp3")
    assert (cover.has_video, cover.fps) == (False, None)


# ---------------------------------------------------------------- bad files


def cut(keep: Callable[[bytes], int]) -> Callable[[bytes], bytes]:
    return lambda whole: whole[: keep(whole)]


NOT_MEDIA: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("empty.mp4", lambda _: b""),
    ("text.mp3", lambda _: b"Only some words.\n" * 200),
    ("page.mp4", lambda _: b"<!DOCTYPE html><html><body><p>Not found</p></body></html>"),
    ("random.mp3", lambda _: np.random.default_rng(1).bytes(20_000)),
    ("without_its_index.mp4", cut(lambda whole: whole.index(b"moov") - 4)),
    ("list.m3u8", lambda _: b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfilm.mp4\n"),
    ("list.mp4", lambda _: b"ffconcat version 1.0\nfile film.mp4\n"),
]


@pytest.mark.parametrize(("name", "content"), NOT_MEDIA, ids=[n[0] for n in NOT_MEDIA])
def test_what_is_not_media(
    sources: Path, tmp_path: Path, name: str, content: Callable[[bytes], bytes]
) -> None:
    whole = (sources / "film.mp4").read_bytes()
    (tmp_path / "film.mp4").write_bytes(whole)
    path = tmp_path / name
    path.write_bytes(content(whole))
    for attempt in (lambda: probe(path), lambda: decode(media_file(path), tmp_path)):
        with pytest.raises(MediaUnavailable, match=name) as caught:
            attempt()
        assert caught.value.state == "not_media"
    assert {p.name for p in tmp_path.iterdir()} == {"film.mp4", name}


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaUnavailable, match=r"gone\.mp4: .*No such file"):
        probe(tmp_path / "gone.mp4")


def test_modules_of_the_folder_are_not_imported(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "av.py").write_text("raise RuntimeError('imported')")
    monkeypatch.chdir(tmp_path)
    audio = decode(media_file(sources / "film.mp4"), tmp_path)
    assert onsets_ms(audio) == pytest.approx(BURSTS_MS, abs=TOLERANCE_MS)


def test_film_without_sound(sources: Path, tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    run_ffmpeg(sources, "-i film.mp4 -an -c copy", str(path))
    assert not probe(path).has_audio
    with pytest.raises(NoAudio, match=r"silent\.mp4"):
        decode(media_file(path), tmp_path)


def test_recording_cut_short_gives_what_it_holds_and_says_so(
    sources: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = (sources / "header_first.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) // 2])
    audio = decode(media_file(path), tmp_path)
    assert onsets_ms(audio) == pytest.approx(BURSTS_MS[:1], abs=TOLERANCE_MS)
    assert [r.levelno for r in caplog.records] == [logging.WARNING]
    assert "cut short" in caplog.text
    assert "4.0 s declared" in caplog.text


def test_whole_recording_warns_of_nothing(
    sources: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    decode(media_file(sources / "header_first.mp4"), tmp_path)
    assert not caplog.records


@pytest.mark.slow
@pytest.mark.parametrize("header", ["1", "0"], ids=["with a header", "without a header"])
def test_variable_bit_rate_is_not_taken_for_damage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, header: str
) -> None:
    """Without a header libav estimates the length from the bit rate at the beginning."""
    path = tmp_path / "vbr.mp3"
    noise = "-f lavfi -i anoisesrc=d=20:a=0.3:seed=1 -af adelay=3s:all=1"
    run_ffmpeg(tmp_path, f"{noise} -q:a 0 -write_xing {header}", str(path))
    assert decode(media_file(path), tmp_path).duration_ms == pytest.approx(23_000, abs=100)
    assert not caplog.records
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    decode(media_file(path), tmp_path)
    assert ("cut short" in caplog.text) == (header == "1")


def test_header_without_its_data(sources: Path, tmp_path: Path) -> None:
    whole = (sources / "header_first.mp4").read_bytes()
    path = tmp_path / "header.mp4"
    path.write_bytes(whole[: whole.index(b"mdat") + 4])
    with pytest.raises(MediaUnavailable, match=r"header\.mp4") as caught:
        decode(media_file(path), tmp_path)
    assert caught.value.state == "not_media"


# ---------------------------------------------------------------- where it is written


@pytest.fixture
def long_wav(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "long.wav"
    path.parent.mkdir()
    write_wav(path, np.zeros(16_000 * 600, np.int16), 16_000)
    return path


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device /dev/full")
def test_full_disk(long_wav: Path, tmp_path: Path) -> None:
    (tmp_path / "long.wav.part").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left on device"):
        decode(media_file(long_wav), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_file_size_limit(long_wav: Path, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
    try:
        with pytest.raises(OutputError, match="File too large"):
            decode(media_file(long_wav), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_folder_that_is_not_there(long_wav: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file or directory"):
        decode(media_file(long_wav), tmp_path / "nowhere")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_interruption_ends_the_decoder_and_leaves_nothing(long_wav: Path, tmp_path: Path) -> None:
    seen: list[str] = []

    def interrupt(done: int, total: int | None) -> None:
        seen.extend(running("libav_decoder"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decode(media_file(long_wav), tmp_path, interrupt)
    assert seen
    assert not running("libav_decoder")
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


# ---------------------------------------------------------------- which ffmpeg


@pytest.fixture
def ask_anew() -> Iterator[None]:
    ffmpeg_or_none.cache_clear()
    yield
    ffmpeg_or_none.cache_clear()


@pytest.mark.usefixtures("ask_anew")
def test_ffmpeg_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ffmpeg").symlink_to(ffmpeg_path())
    ffmpeg_or_none.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ffmpeg_path() == tmp_path / "ffmpeg"


@pytest.mark.usefixtures("ask_anew")
@pytest.mark.parametrize(
    "script", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho other\n", "#!/no/such\n"]
)
def test_broken_ffmpeg_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    (tmp_path / "ffmpeg").write_text(script)
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "imageio_ffmpeg" in ffmpeg_path().parts


@pytest.mark.usefixtures("ask_anew")
def test_no_ffmpeg_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    def none_here() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", none_here)
    with pytest.raises(EngineUnavailable, match=r"or pip install \"article-aligner\[ffmpeg\]\""):
        ffmpeg_path()


# ---------------------------------------------------------------- recordings with known times

CORPUS = os.environ.get("ALIGNER_CORPUS")


@pytest.mark.skipif(not CORPUS, reason="ALIGNER_CORPUS does not name the measuring corpus")
@pytest.mark.parametrize("case", ["d01", "d02", "d03", "d04", "d05", "d06", "d13"])
def test_words_after_pauses_begin_when_the_truth_says(case: str, tmp_path: Path) -> None:
    folder = Path(CORPUS or "") / "cases" / case
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    audio = decode(media_file(folder / truth["media"]), tmp_path)
    off = []
    for before, word in itertools.pairwise(truth["spoken"]):
        if word["start"] - before["end"] > 0.25:
            due = round(word["start"] * 1000)
            heard = np.abs(audio.window(due - 100, due + 150)) > 0.005
            off.append(float(np.argmax(heard)) * 1000 / SAMPLE_RATE - 100)
    assert len(off) >= 15
    assert abs(float(np.median(off))) < 4
