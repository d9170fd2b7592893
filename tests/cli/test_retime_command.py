"""`aligner retime` on the sample: its captions made wrong, with the recorded transcript."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aligner.captions.retiming.files import open_captions
from aligner.cli import aligner
from aligner.errors import BadSource, OtherRecording
from aligner.types import Span

SAMPLE = Path(__file__).parent.parent.parent / "samples" / "russia-and-assad"
CAPTIONS = SAMPLE / "captions" / "russia-and-assad"
MEDIA = SAMPLE / "russia-and-assad.mp4"
RECORDED = ("--engine", "recorded", "--model", str(SAMPLE / "transcript.json"), "-q")


def wrong(suffix: str, folder: Path, by: int, ratio: float = 1.0) -> Path:
    """The sample's captions, late by so many milliseconds and slower by a ratio."""
    captions = open_captions(CAPTIONS.with_suffix(suffix).read_bytes(), "sample")
    times = [
        Span(round(c.start_ms * ratio) + by, round(c.end_ms * ratio) + by) for c in captions.cues
    ]
    path = folder / f"wrong{suffix}"
    path.write_bytes(captions.retimed(times))
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(aligner, ["retime", *map(str, arguments), *RECORDED])


def starts(path: Path) -> list[int]:
    return [cue.start_ms for cue in open_captions(path.read_bytes(), path.name).cues]


@pytest.mark.parametrize("mode", [(), ("--shift-only",)], ids=["full", "shift"])
@pytest.mark.parametrize(("by", "ratio"), [(4_000, 1.0), (-300, 1.001), (9_000, 25 / 24)])
def test_times_are_those_of_the_words(
    tmp_path: Path, mode: tuple[str, ...], by: int, ratio: float
) -> None:
    given = wrong(".vtt", tmp_path, by, ratio)
    ran = run(given, "--media", MEDIA, *mode)
    assert ran.exit_code == 0, ran.output
    made = tmp_path / "wrong.retimed.vtt"
    right = starts(CAPTIONS.with_suffix(".vtt"))
    assert max(abs(a - b) for a, b in zip(starts(made), right, strict=True)) <= 40
    text, old = made.read_text("utf-8"), given.read_text("utf-8")
    times = [[line for line in one.split("\n") if "-->" not in line] for one in (text, old)]
    assert times[0] == times[1]


def test_json_tells_what_was_wrong(tmp_path: Path) -> None:
    given = wrong(".vtt", tmp_path, 1_000, 24_000 / 1001 / 25)
    ran = run(given, "--media", MEDIA, "--json", "-o", given)
    told = json.loads(ran.stdout)
    assert told["schema"] == "aligner-retime/1"
    assert told["output"] == str(given)
    assert told["unheard"] == []
    assert told["clock"]["frame_rates"] == "25 against 23.976"
    assert abs(told["clock"]["offset_at_start_ms"] + 960) <= 40
    assert max(abs(a - b) for a, b in zip(
        starts(given), starts(CAPTIONS.with_suffix(".vtt")), strict=True)) <= 40  # fmt: skip


def test_a_cue_that_nobody_says_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "more.vtt"
    more = "\n00:02:00.000 --> 00:02:02.000\nSubtitles by an unknown amateur\n"
    path.write_text(CAPTIONS.with_suffix(".vtt").read_text("utf-8") + more, "utf-8")
    ran = run(path, "--media", MEDIA)
    assert ran.exit_code == 0
    assert "not heard: cue 38" in ran.stdout


def test_the_captions_of_another_recording_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.srt"
    cues = "\n\n".join(
        f"{k}\n00:00:{k * 3:02d},000 --> 00:00:{k * 3 + 2:02d},000\n"
        f"A cake needs {k} eggs, some flour and half an hour"
        for k in range(1, 15)
    )
    path.write_text(cues, "utf-8")
    ran = run(path, "--media", MEDIA)
    assert isinstance(ran.exception, OtherRecording)
    assert ran.exception.exit_code == 6
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_caption_file_is_refused(tmp_path: Path) -> None:
    ran = run(SAMPLE / "index.html", "--media", MEDIA)
    assert isinstance(ran.exception, BadSource)
