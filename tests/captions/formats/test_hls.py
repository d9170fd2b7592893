"""Outcome -> segments and playlist, read back by webvtt-py and by ffmpeg's HLS reader."""

import re
import subprocess
from dataclasses import replace
from html import unescape
from pathlib import Path

import imageio_ffmpeg
import pytest
import webvtt
from outcomes import outcome, words

from aligner.captions import store
from aligner.captions.formats import FORMATS, PLAIN, Look
from aligner.captions.formats.hls import PLAYLIST, SECONDS, render, segments
from aligner.captions.formats.vtt_check import breaches
from aligner.errors import EarlierCaptionsKept
from aligner.types import Cue

CUES = (
    Cue(500, 2000, ("One & <two>",), "verified"),
    Cue(5000, 7000, ("Over the border",), "spoken"),
    Cue(18_000, 31_000, ("For a long time",), "verified"),
)
MADE = replace(outcome(*CUES), duration_ms=45_500)


def test_each_cue_stands_in_each_segment_in_which_it_is_shown() -> None:
    parts = segments(MADE)
    names = [f"fileSequence{k}.webvtt" for k in range(8)]
    assert sorted(parts) == names
    for k, name in enumerate(names):
        assert breaches(parts[name]) == (), name
        first, last = k * SECONDS * 1000, (k + 1) * SECONDS * 1000
        shown = {c.lines[0] for c in CUES if c.start_ms < last and c.end_ms > first}
        assert {unescape(c.raw_text) for c in webvtt.from_string(parts[name]).captions} == shown


def test_times_count_from_the_start_in_every_segment() -> None:
    assert segments(MADE)["fileSequence4.webvtt"].splitlines()[:4] == [
        "WEBVTT",
        "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000",
        "",
        "3",
    ]
    mapped = segments(MADE, Look(mpegts=126_000))["fileSequence0.webvtt"]
    assert "X-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000" in mapped


def test_the_playlist_goes_on_to_the_end_of_the_recording() -> None:
    lengths = [float(s) for s in re.findall(r"#EXTINF:([\d.]+),", render(MADE))]
    assert sum(lengths) == pytest.approx(45.5)
    assert lengths[:-1] == [6.0] * 7
    assert f"#EXT-X-TARGETDURATION:{SECONDS}\n" in render(MADE)
    assert render(MADE).endswith("#EXT-X-ENDLIST\n")


def test_styles_go_along() -> None:
    text = segments(outcome(*CUES, words=words("One")), Look(styled=True))["fileSequence0.webvtt"]
    assert "STYLE\n::cue(.respelled)" in text
    assert breaches(text) == ()


def test_ffmpeg_plays_the_playlist(tmp_path: Path) -> None:
    store.write_outcome(MADE, tmp_path, "story", ("hls",))
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", f"story.hls/{PLAYLIST}"]
    subprocess.run([*command, "out.vtt"], cwd=tmp_path, check=True, timeout=60)
    read = webvtt.read(str(tmp_path / "out.vtt")).captions
    # A cue in several segments comes once for each of them.
    found = sorted(
        {(c.start_time.in_milliseconds(), c.end_time.in_milliseconds(), c.raw_text) for c in read}
    )
    assert found == [(c.start_ms, c.end_ms, c.lines[0]) for c in CUES]


def test_a_shorter_run_leaves_no_old_segments(tmp_path: Path) -> None:
    store.write_outcome(MADE, tmp_path, "story", ("hls",))
    assert len(list((tmp_path / "story.hls").iterdir())) == 9
    store.write_outcome(replace(MADE, duration_ms=None), tmp_path, "story", ("vtt",))
    assert len(list((tmp_path / "story.hls").iterdir())) == 7
    with pytest.raises(EarlierCaptionsKept):
        store.write_outcome(replace(MADE, captions=None), tmp_path, "story", ("vtt",))
    assert len(list((tmp_path / "story.hls").iterdir())) == 7


def test_without_cues_there_is_nothing() -> None:
    assert render(outcome()) == ""
    assert segments(outcome()) == {}
    assert FORMATS["hls"].render(replace(MADE, captions=None), PLAIN) == ""
