"""Outcome -> chapters, player snippet, report: read back by webvtt-py, lxml and markdown-it."""

from dataclasses import replace
from html import unescape
from pathlib import Path

import lxml.html
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from outcomes import CUES, outcome, told

from aligner.captions import store
from aligner.captions.formats import FORMATS, PLAIN, Look
from aligner.captions.formats.report import escaped
from aligner.captions.formats.vtt_check import breaches
from aligner.types import Article, CaptionResult, MediaLink, Paragraph

TITLE = Paragraph("Rain & <wind>", "title")
STORY = (
    TITLE,
    Paragraph("It rained. It — snowed."),
    Paragraph("A photo of rain. It rained.", "caption"),
    Paragraph("What now?", "heading"),
    Paragraph("Nobody knows."),
    Paragraph("Unread", "heading"),
    Paragraph("Nobody reads this."),
    Paragraph("Last --> word", "heading"),
    Paragraph("So it ends."),
)
TOLD = told(
    [
        ("Rain & <wind>", "not_spoken", None),
        ("It rained.", "spoken", 2000),
        ("It snowed.", "reworded", 5000),
        ("What now?", "not_spoken", None),
        ("Nobody knows.", "spoken", 30_000),
        ("Unread", "not_spoken", None),
        ("Nobody reads this.", "not_spoken", None),
        ("Last --> word", "spoken", 18_000),
        ("So it ends.", "spoken", 20_000),
    ],
    *STORY,
)


# ---------------------------------------------------------------- chapters


def test_chapters_are_the_headings_that_are_spoken_of() -> None:
    text = FORMATS["chapters"].render(TOLD, PLAIN)
    assert breaches(text) == ()
    read = webvtt.from_string(text, strict=True).captions
    assert [(c.start, c.end, unescape(c.raw_text)) for c in read] == [
        ("00:00:02.000", "00:00:18.000", "Rain & <wind>"),
        ("00:00:18.000", "00:00:30.000", "Last --> word"),
        ("00:00:30.000", "00:01:00.000", "What now?"),
    ]


def test_without_headings_that_are_spoken_the_track_is_empty() -> None:
    for none in (replace(TOLD, article=None), replace(TOLD, alignment=None)):
        text = FORMATS["chapters"].render(none, PLAIN)
        assert breaches(text) == ()
        assert webvtt.from_string(text, strict=True).captions == []
    assert FORMATS["chapters"].render(replace(TOLD, captions=None), PLAIN) == ""


def test_headings_at_one_time_are_one_chapter() -> None:
    made = told(
        [("One", "spoken", 1000), ("Two", "spoken", 1300), ("It rained.", "spoken", 1500)],
        Paragraph("One", "heading"),
        Paragraph("Two", "heading"),
        Paragraph("It rained."),
    )
    read = webvtt.from_string(FORMATS["chapters"].render(made, PLAIN)).captions
    assert [c.text for c in read] == ["Two"]


# ---------------------------------------------------------------- the player


def player(media: str, title: str = "A “story”", name: str = "story") -> lxml.html.HtmlElement:
    made = replace(
        outcome(*CUES),
        media=MediaLink(media, "video", "html5"),
        article=Article(None, title, "en", ()),
    )
    return lxml.html.fragment_fromstring(FORMATS["html"].render(made, Look(name=name)))


def test_the_snippet_plays_the_recording_with_its_captions() -> None:
    video = player("https://example.org/v.mp4?a=1&b=2")
    assert (video.tag, video.get("src")) == ("video", "https://example.org/v.mp4?a=1&b=2")
    assert video.get("controls") == ""
    (track,) = video.findall("track")
    assert dict(track.attrib) == {
        "kind": "captions",
        "src": "story.vtt",
        "srclang": "en",
        "label": "English",
        "default": "",
    }


def test_the_snippet_cannot_be_broken_out_of() -> None:
    video = player('https://x.org/"><script>alert(1)</script>', '"><b>', 'a"b c#')
    assert [e.tag for e in video.iter()] == ["video", "track"]
    assert video.get("aria-label") == '"><b>'
    assert [t.get("src") for t in video.iter("track")] == ["a%22b%20c%23.vtt"]


def test_a_file_of_this_disk_lies_beside_the_snippet() -> None:
    assert player("/home/me/my film.mp4").get("src") == "my%20film.mp4"


def test_the_captions_it_refers_to_are_written_too(tmp_path: Path) -> None:
    store.write_outcome(outcome(*CUES), tmp_path, "story", ("html",))
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "story.json",
        "story.player.html",
        "story.vtt",
    ]
    assert store.finished_result(tmp_path, "story", ("html",))
    (tmp_path / "story.vtt").unlink()
    assert store.finished_result(tmp_path, "story", ("html",)) is None


# ---------------------------------------------------------------- the report


def tables(text: str) -> list[list[list[str]]]:
    """The tables of a Markdown text, each with its rows of plain cells."""
    page = lxml.html.fromstring(MarkdownIt().enable("table").render(text))
    return [
        [[cell.text_content() for cell in row] for row in table.iter("tr")]
        for table in page.iter("table")
    ]


def test_the_report_tells_of_each_sentence_and_each_stretch() -> None:
    sentences, stretches = tables(FORMATS["report"].render(TOLD, PLAIN))
    assert sentences[1] == ["not spoken", "", "", "Rain & <wind>"]
    assert sentences[2] == ["spoken", "00:00:02.000 to 00:00:05.000", "100%", "It rained."]
    assert sentences[3][0] == "in other words"
    assert [row[3] for row in sentences[1:]] == [s.text for s in TOLD.alignment.sentences]  # type: ignore[union-attr]
    assert stretches[1:] == [
        ["extra", "00:00:00.000 to 00:00:00.900", "Good *evening*"],
        ["in the article", "00:00:01.000 to 00:00:09.000", "and so on | as written"],
    ]


def test_the_report_has_the_figures() -> None:
    text = FORMATS["report"].render(TOLD, PLAIN)
    assert "Sentences of the article: 9, of which 4 spoken, 1 in other words, 4 not spoken" in text
    assert "Words of the speech that are in the article: 88%" in text
    assert "Speech that is not in the article: 0.9 s" in text
    assert text.startswith("# Rain \\& \\<wind\\>\n")


def test_a_report_without_captions_says_why() -> None:
    text = FORMATS["report"].render(
        CaptionResult("no_media", "the page links none", "a.html"), PLAIN
    )
    assert "no\\_media: the page links none" in text
    assert not tables(text)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab \\`*_[]()<>#|~&!-+.;1:/h", min_size=1, max_size=30))
def test_no_text_is_taken_for_markdown(text: str) -> None:
    (_, row) = tables(f"| a | b |\n|---|---|\n| {escaped(f'x {text} x')} | end |\n")[0]
    assert row == [" ".join(f"x {text} x".split()), "end"]
