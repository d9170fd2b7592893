"""Texts of every kind beside a recording: what of captions and scripts is said, and what not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aligner.captions.formats import sidecar, sidecar_reader
from aligner.discovery.article import extract
from aligner.errors import BadSource
from aligner.pipeline import steps, text_source
from aligner.pipeline.options import Options
from aligner.types import Article, CaptionResult, Paragraph

SAMPLE = Path(__file__).parents[2] / "samples" / "russia-and-assad"
OPTIONS = Options(
    engine="recorded", model=str(SAMPLE / "transcript.json"), media=SAMPLE / "russia-and-assad.mp4"
)
VTT = """WEBVTT
Language: en-GB

STYLE
::cue { color: red }

NOTE a remark

intro
00:00:01.000 --> 00:00:03.000 align:start
<v Presenter>Good evening &amp; welcome</v>
<i>to the news.</i>

00:00:03.000 --> 00:00:05.000
[APPLAUSE]

00:00:05.000 --> 00:00:08.000
<v Mayor>The gates are open.</v>

00:00:12.000 --> 00:00:14.000
<v Mayor>They stay open.</v>
"""
SRT = """1
00:00:01,000 --> 00:00:03,000
>> PRESENTER: Good evening & welcome

2
00:00:03,000 --> 00:00:05,000
to the news. (APPLAUSE)

3
00:00:05,000 --> 00:00:08,000
>> MAYOR: The gates are open.
"""
ROLLED_UP = """1
00:00:01,000 --> 00:00:03,000
Good evening and

2
00:00:03,000 --> 00:00:05,000
Good evening and
welcome to the

3
00:00:05,000 --> 00:00:08,000
welcome to the
news of the day.
"""
WELCOME = "Good evening & welcome to the news."
ROLLED_UP_TEXT = "Good evening and welcome to the news of the day."
TTML = """<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml" xml:lang="fr"><body><div>
<p begin="1s" end="3s">Bonsoir à tous<br/>et à toutes.</p>
<p begin="9s" end="12s">[MUSIQUE] Les portes sont ouvertes.</p></div></body></tt>
"""
ASS = """[Script Info]
Title: x

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,a remark
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Presenter,0,0,0,,{\\i1}Good evening{\\i0}, all\\Nof you.
Dialogue: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
Dialogue: 0,0:00:04.50,0:00:06.00,Default,Mayor,0,0,0,,The gates are open.
"""


def read(path: Path, content: str) -> Article:
    path.write_text(content, "utf-8")
    return extract(text_source.load(path))


@pytest.mark.parametrize(
    ("name", "content", "language", "expected"),
    [
        (
            "news.vtt", VTT, "en-GB",
            [
                Paragraph("Good evening & welcome to the news.", "body", "Presenter"),
                Paragraph("[APPLAUSE]", "sound"),
                Paragraph("The gates are open.", "body", "Mayor"),
                Paragraph("They stay open.", "body", "Mayor"),
            ],
        ),
        (
            "news.srt", SRT, None,
            [
                Paragraph(WELCOME, "body", "PRESENTER", ("(APPLAUSE)",)),
                Paragraph("The gates are open.", "body", "MAYOR"),
            ],
        ),
        ("rolled.srt", ROLLED_UP, None, [Paragraph(ROLLED_UP_TEXT)]),
        (
            "news.ttml", TTML, "fr",
            [
                Paragraph("Bonsoir à tous et à toutes."),
                Paragraph("Les portes sont ouvertes.", "body", None, ("[MUSIQUE]",)),
            ],
        ),
        (
            "news.ass", ASS, None,
            [
                Paragraph("Good evening, all of you.", "body", "Presenter"),
                Paragraph("The gates are open.", "body", "Mayor"),
            ],
        ),
    ],
    ids=["vtt", "srt", "rolled up", "ttml", "ass"],
)  # fmt: skip
def test_captions_without_numbers_times_and_markup(
    name: str, content: str, language: str | None, expected: list[Paragraph], tmp_path: Path
) -> None:
    found = read(tmp_path / name, content)
    assert list(found.paragraphs) == expected
    assert found.language == language


@pytest.mark.parametrize("content", [VTT, SRT, ASS, TTML])
def test_captions_are_known_by_what_they_hold(content: str, tmp_path: Path) -> None:
    found = read(tmp_path / "captions.txt", content)
    assert not any(c.isdigit() for p in found.paragraphs for c in p.text)


@pytest.mark.parametrize("name", ["story.srt", "story.vtt", "story.ass"])
def test_a_text_that_is_named_as_captions_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"no captions with words in it; a text may be given as"):
        read(tmp_path / name, "The gates opened on Monday.\n\nAll went well.\n")


# ---------------------------------------------------------------- with a recording


def spoken_text() -> str:
    words = json.loads((SAMPLE / "transcript.json").read_text("utf-8"))["words"]
    return " ".join(word["text"] for word in words)


def shown(outcome: CaptionResult) -> str:
    assert outcome.captions
    return " ".join(word.text for word in outcome.captions.words)


@pytest.mark.slow
def test_a_script_is_captioned_without_its_labels_and_cues(tmp_path: Path) -> None:
    sentences = [s.strip() for s in spoken_text().split(". ") if s.strip()]
    labels = ("PRESENTER: ", "MAYOR BRADLEY (on the phone): ")
    lines = [f"{labels[k % 2]}{sentence}. [MUSIC]" for k, sentence in enumerate(sentences)]
    script = tmp_path / "script.txt"
    script.write_text("\n\n".join([*lines, "[APPLAUSE]", "(He sits down.)"]), "utf-8")
    outcome = steps.caption(str(script), OPTIONS)
    assert outcome.status == "captioned"
    assert outcome.article
    assert {p.speaker for p in outcome.article.paragraphs if p.role == "body"} == {
        "PRESENTER",
        "MAYOR BRADLEY",
    }
    text = shown(outcome)
    for word in ("PRESENTER", "BRADLEY", "MUSIC", "APPLAUSE", "phone", "sits"):
        assert word not in text
    assert outcome.alignment
    assert outcome.alignment.coverage.article_in_speech > 0.99
    assert all(s.kind == "spoken" for s in outcome.alignment.sentences)
    known, _ = sidecar_reader.read(sidecar.render(outcome))
    assert known.article == outcome.article


@pytest.mark.slow
def test_its_own_captions_are_the_text_of_a_recording(tmp_path: Path) -> None:
    captions = SAMPLE / "captions" / "russia-and-assad.vtt"
    outcome = steps.caption(str(captions), OPTIONS)
    assert outcome.status == "captioned"
    assert outcome.alignment
    assert outcome.alignment.coverage.article_in_speech > 0.95


@pytest.mark.slow
def test_of_two_languages_in_one_file_only_the_spoken_one_is_captioned(tmp_path: Path) -> None:
    text = tmp_path / "both.txt"
    other = (
        "Rusia y Asad\n\nEl presidente de Siria viajó a Moscú en secreto durante la noche.\n\n"
        "Los ministros dijeron que las carreteras del norte están abiertas desde el lunes.\n\n"
    )
    text.write_text(other * 3 + spoken_text(), "utf-8")
    outcome = steps.caption(str(text), OPTIONS)
    assert outcome.status == "captioned"
    assert outcome.captions
    assert outcome.captions.language == "en"
    assert not {"presidente", "carreteras", "Siria"} & set(shown(outcome).split())
