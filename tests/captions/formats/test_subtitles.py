"""Outcome -> SRT, TTML, ASS: read back by tools that are not ours, to the same times and texts."""

import re
import subprocess
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import CUES, outcome
from ttconv.imsc import reader
from ttconv.isd import ISD
from ttconv.model import Br, ContentElement, P, Text

from aligner.captions.formats import FORMATS, PLAIN
from aligner.captions.formats.srt import JOINER
from aligner.errors import InvalidCaptions
from aligner.types import Cue

Read = list[tuple[int, int, str]]
EXPECTED: Read = [(c.start_ms, c.end_ms, "\n".join(c.lines)) for c in CUES]
TWO_DIGITS = EXPECTED[:5]
"""pysubs2 reads no hours of three digits."""
BRACES = str.maketrans("{}", "｛｝")


def write(kind: str, *cues: Cue) -> str:
    return FORMATS[kind].render(outcome(*cues), PLAIN)


def by_pysubs2(text: str, kind: str) -> Read:
    return [
        (e.start, e.end, e.plaintext.replace(JOINER, ""))
        for e in pysubs2.SSAFile.from_string(text, format_=kind)
    ]


def by_ttconv(text: str) -> Read:
    document = reader.to_model(ET.ElementTree(ET.fromstring(text)))  # noqa: S314  our own
    assert document is not None
    found: Read = []
    for p in (e for e in _body(document).dfs_iterator() if isinstance(e, P)):
        begin, end = p.get_begin() or Fraction(0), p.get_end()
        assert isinstance(end, Fraction)
        text = "".join(
            "\n" if isinstance(e, Br) else e.get_text() for e in p.dfs_iterator()
            if isinstance(e, Br | Text)
        )  # fmt: skip
        found.append((int(begin * 1000), int(end * 1000), text))
    # What is shown in the middle of a cue is laid out, in a region of the picture.
    shown = ISD.from_model(document, Fraction(found[0][0] + found[0][1], 2000))
    assert len(list(shown.iter_regions())) == 1
    return found


def _body(document: object) -> ContentElement:
    body = document.get_body()  # type: ignore[attr-defined]
    assert isinstance(body, ContentElement)
    return body


def by_ffmpeg(text: str, suffix: str, folder: Path) -> Read:
    """What ffmpeg shows, as SubRip of its own; it marks bold and italic with tags."""
    (folder / f"in.{suffix}").write_text(text, encoding="utf-8")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", f"in.{suffix}", "out.srt"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=60)
    assert ran.stderr == b""
    blocks = (folder / "out.srt").read_text(encoding="utf-8").strip("\n").split("\n\n")
    found: Read = []
    for block in blocks:
        _, times, *lines = block.split("\n")
        start, end = (
            ((int(h) * 60 + int(m)) * 60 + int(s)) * 1000 + int(ms)
            for h, m, s, ms in re.findall(r"(\d+):(\d\d):(\d\d),(\d{3})", times)
        )
        text = re.sub(r"</?font[^>]*>", "", "\n".join(lines)).replace(JOINER, "")
        found.append((start, end, text))
    return found


# ---------------------------------------------------------------- round trips


def test_pysubs2_reads_srt() -> None:
    expected = [(a, b, text.translate(BRACES)) for a, b, text in TWO_DIGITS]
    read = by_pysubs2(write("srt", *CUES[:5]), "srt")
    del read[2], expected[2]  # it takes the backslashes of any format for ASS's line breaks
    assert read == expected


def test_srt_has_no_settings_of_ass_in_it() -> None:
    assert r"｛\an8｝up" in write("srt", *CUES)


def test_ffmpeg_reads_srt(tmp_path: Path) -> None:
    plain = (0, 1, 3, 4)  # it writes ASS's own signs in the third otherwise than it reads them
    read = by_ffmpeg(write("srt", *CUES), "srt", tmp_path)
    assert [read[k] for k in plain] == [EXPECTED[k] for k in plain]


def test_srt_counts_hours_as_far_as_it_takes() -> None:
    assert "\n100:00:00,000 --> 100:00:00,010\n" in write("srt", *CUES)


def test_ttconv_reads_ttml() -> None:
    assert by_ttconv(write("ttml", *CUES)) == EXPECTED


def test_pysubs2_reads_ass() -> None:
    expected = [(a, b, text.translate(BRACES)) for a, b, text in TWO_DIGITS]
    assert by_pysubs2(write("ass", *CUES[:5]), "ass") == expected


def test_ass_counts_hours_as_far_as_it_takes() -> None:
    assert "Dialogue: 0,100:00:00.00,100:00:00.01," in write("ass", *CUES)


def test_ffmpeg_reads_ass(tmp_path: Path) -> None:
    read = by_ffmpeg(write("ass", *CUES), "ass", tmp_path)
    plain = (0, 1, 3, 4)
    assert [read[k] for k in plain] == [EXPECTED[k] for k in plain]


def test_ass_has_hundredths_and_nothing_shorter() -> None:
    text = write(
        "ass", Cue(1004, 1006, ("A",), "spoken"), Cue(3_599_996, 3_600_300, ("B",), "spoken")
    )
    read = by_pysubs2(text, "ass")
    assert [(a, b) for a, b, _ in read] == [(1000, 1010), (3_600_000, 3_600_300)]


def test_ttml_says_what_it_is() -> None:
    text = write("ttml", *CUES)
    assert 'ttp:contentProfiles="http://www.w3.org/ns/ttml/profile/imsc1.1/text"' in text
    assert 'xml:lang="en"' in text
    assert 'tts:direction="ltr"' in text
    assert "Recogniser: ctranslate2, model base" in text


@pytest.mark.parametrize("kind", ["srt", "ttml", "ass"])
@pytest.mark.parametrize("times", [(2000, 1000), (1000, 1000), (-5, 1000)])
def test_reversed_times_are_never_written(kind: str, times: tuple[int, int]) -> None:
    with pytest.raises(InvalidCaptions, match="cue 1 does not end after it starts"):
        write(kind, Cue(*times, ("Backwards",), "spoken"))


@pytest.mark.parametrize("kind", ["srt", "ttml", "ass"])
def test_cues_out_of_order_are_never_written(kind: str) -> None:
    late, early = Cue(5000, 6000, ("Late",), "spoken"), Cue(1000, 2000, ("Early",), "spoken")
    with pytest.raises(InvalidCaptions, match="cue 2 starts before"):
        write(kind, late, early)


# ---------------------------------------------------------------- any text at all


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(line=st.text(min_size=1, max_size=40))
def test_any_text_is_one_cue_in_every_format(line: str) -> None:
    cue = Cue(1000, 2000, (line, "end"), "spoken")
    for kind in ("srt", "ass"):
        read = by_pysubs2(write(kind, cue), kind)
        assert [(a, b) for a, b, _ in read] == [(1000, 2000)]
        assert read[0][2].split("\n")[-1] == "end"
    ((start, end, text),) = by_ttconv(write("ttml", cue))
    assert (start, end) == (1000, 2000)
    assert text.split("\n")[-1] == "end"


@pytest.mark.parametrize(
    "line",
    [
        "a\0b",
        "half a pair \ud83d",
        "👨‍👩‍👧 one family",
        "العربية with Latin",
        "\ufffe\uffff",
        "]]>",
    ],
)
@pytest.mark.parametrize("kind", ["srt", "ttml", "ass", "vtt"])
def test_strange_characters(kind: str, line: str) -> None:
    text = write(kind, Cue(0, 1000, (line,), "spoken"))
    assert text.encode("utf-8")
    assert "\0" not in text
    kept = [word for word in line.split() if word.isalpha() or word == "👨‍👩‍👧"]
    assert all(word in text for word in kept)
