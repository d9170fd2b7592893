"""`aligner retime` on the sample: its captions made wrong, with the recorded transcript."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from click.testing import CliRunner, Result

from aligner.captions import lint
from aligner.captions.profiles import PROFILES
from aligner.captions.retiming.base import EditableCue
from aligner.captions.retiming.files import NOT_HEARD, open_captions
from aligner.captions.retiming.lines import clock_like
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


@pytest.mark.parametrize("suffix", [".vtt", ".srt"])
def test_speech_that_was_left_out_is_captioned(tmp_path: Path, suffix: str) -> None:
    """The words of every second cue are taken out, and heard again."""
    whole = open_captions(CAPTIONS.with_suffix(".vtt").read_bytes(), "sample").cues
    kept = whole[::2]
    times = [clock_line(c.start_ms, c.end_ms, suffix) for c in kept]
    blocks = [
        f"{k}\n{time}\n" + "\n".join(cue.lines)
        for k, (time, cue) in enumerate(zip(times, kept, strict=True), start=1)
    ]
    path = tmp_path / f"half{suffix}"
    head = "WEBVTT\n\n" if suffix == ".vtt" else ""
    path.write_text(head + "\n\n".join(blocks), "utf-8")
    ran = run(path, "--media", MEDIA, "--fill", "--json")
    made = (tmp_path / f"half.retimed{suffix}").read_bytes()
    report = lint.inspect(made, f"x{suffix}", PROFILES["netflix"])
    assert report.valid, report.breaches
    told, cues = json.loads(ran.stdout), open_captions(made, "made").cues
    assert len(cues) == len(kept) + len(told["added"])
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(cues))
    words = " ".join(" ".join(cue.lines) for cue in cues).split()
    expected = " ".join(" ".join(cue.lines) for cue in whole).split()
    assert abs(len(words) - len(expected)) <= 12


def clock_line(start_ms: int, end_ms: int, suffix: str) -> str:
    mark = "," if suffix == ".srt" else "."
    clocks = (clock_like("00:00:00.000".replace(".", mark), ms, mark) for ms in (start_ms, end_ms))
    return " --> ".join(clocks)


@pytest.mark.parametrize("suffix", [".ttml", ".ass"])
def test_speech_is_captioned_in_other_formats(tmp_path: Path, suffix: str) -> None:
    """Every second cue of a film is taken out, and heard again."""
    whole = open_captions(CAPTIONS.with_suffix(".vtt").read_bytes(), "sample").cues
    path = tmp_path / f"half{suffix}"
    path.write_text("".join(written(whole[::2], suffix)), "utf-8")
    ran = run(path, "--media", MEDIA, "--fill", "--json")
    assert ran.exit_code == 0, ran.output
    made = open_captions((tmp_path / f"half.retimed{suffix}").read_bytes(), f"made{suffix}").cues
    assert len(made) == len(whole[::2]) + len(json.loads(ran.stdout)["added"])
    words = " ".join(" ".join(cue.lines) for cue in made).split()
    expected = " ".join(" ".join(cue.lines) for cue in whole).split()
    assert abs(len(words) - len(expected)) <= 12
    assert [cue.start_ms for cue in made] == sorted(cue.start_ms for cue in made)


def written(cues: Sequence[EditableCue], suffix: str) -> Iterator[str]:
    """The cues as TTML or ASS."""
    if suffix == ".ass":
        yield "[Script Info]\n\n[Events]\nFormat: Start, End, Text\n"
        for cue in cues:
            start, end = (
                clock_like("00:00:00.000", ms, ".")[1:-1] for ms in (cue.start_ms, cue.end_ms)
            )
            yield f"Dialogue: {start},{end}," + r"\N".join(cue.lines) + "\n"
        return
    yield '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><body><div>\n'
    for cue in cues:
        text = "<br/>".join(map(escape, cue.lines))
        yield f'<p begin="{cue.start_ms}ms" end="{cue.end_ms}ms">{text}</p>\n'
    yield "</div></body></tt>\n"


def test_cues_that_are_not_heard_are_marked(tmp_path: Path) -> None:
    text = CAPTIONS.with_suffix(".vtt").read_text("utf-8").rstrip() + "\n\n"
    path = tmp_path / "more.vtt"
    path.write_text(f"{text}00:01:40.000 --> 00:01:41.000\nZebras juggle marmalade\n", "utf-8")
    assert run(path, "--media", MEDIA, "--mark").exit_code == 0
    made = (tmp_path / "more.retimed.vtt").read_text("utf-8")
    note, _, after = made.partition(f"NOTE {NOT_HEARD}\n\n")
    assert after.splitlines()[1:] == ["Zebras juggle marmalade"]
    assert note.count("-->") == text.count("-->")


def test_subrip_has_no_marks(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n", "utf-8")
    ran = CliRunner().invoke(
        aligner,
        ["retime", str(path), "--media", str(MEDIA), "--mark", *RECORDED],
        standalone_mode=False,
    )
    assert isinstance(ran.exception, BadSource)
    assert "no comments" in str(ran.exception)
