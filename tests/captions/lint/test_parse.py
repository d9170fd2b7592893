"""Bytes -> cues, of any caption file, also of bad ones."""

import time
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import pysubs2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ttconv.imsc import reader as imsc
from ttconv.model import P, Text

from aligner.captions import lint
from aligner.captions.formats.base import clock
from aligner.captions.lint.base import CaptionFile
from aligner.captions.lint.parse import read
from aligner.captions.profiles import PROFILES
from aligner.errors import BadSource

NETFLIX = PROFILES["netflix"]
VTT = """WEBVTT

1
00:00:01.000 --> 00:00:02.500
One <i>&amp; two</i>

00:03.000 --> 00:04.000
Three
"""
SRT = """1
00:00:01,000 --> 00:00:02,500
One <i>& two</i>

2
00:00:03,000 --> 00:00:04,000
Three
"""
TTML = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="fr"><body><div>
<p begin="00:00:01.000" end="00:00:02.500">One <span>&amp; two</span></p>
<p begin="3s" dur="1000ms">Three</p>
</div></body></tt>
"""
EXPECTED = [(1000, 2500, ("One & two",)), (3000, 4000, ("Three",))]
FILES = {"a.vtt": VTT, "a.srt": SRT, "a.ttml": TTML}


def cues(file: CaptionFile) -> list[tuple[int, int, tuple[str, ...]]]:
    return [(c.start_ms, c.end_ms, c.lines) for c in file.cues]


def what(file: CaptionFile) -> str:
    return "\n".join(f"{b.line}: {b.what}" for b in file.breaches)


# ---------------------------------------------------------------- formats and encodings


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["bare", "BOM"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_each_format_is_read(name: str, mark: str, end: str) -> None:
    found = read((mark + FILES[name].replace("\n", end)).encode(), name)
    assert cues(found) == EXPECTED
    assert what(found) == ""


@pytest.mark.parametrize("name", FILES)
def test_the_format_is_told_by_what_is_in_the_file(name: str) -> None:
    found = read(FILES[name].encode(), "captions")
    assert found.kind == name.partition(".")[2]
    assert cues(found) == EXPECTED


@pytest.mark.parametrize("name", ["a.vtt", "a.srt"])
def test_utf_16_is_read_and_reported(name: str) -> None:
    found = read(FILES[name].encode("utf-16"), name)
    assert cues(found) == EXPECTED
    assert what(found) == "1: UTF-16: it should be UTF-8"


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_encoding_is_told_with_its_line(name: str) -> None:
    text = FILES[name].replace("Three", "Drei für")
    found = read(text.encode("latin-1"), name)
    assert f"{text[: text.index('Drei')].count(chr(10)) + 1}: a byte that is not UTF-8" in what(
        found
    )
    with pytest.raises(BadSource, match="not fixed, and nothing is written"):
        lint.fix(text.encode("latin-1"), name, NETFLIX)


def test_xml_says_in_which_encoding_it_is() -> None:
    text = TTML.replace("UTF-8", "ISO-8859-1").replace("Three", "Für")
    found = read(text.encode("latin-1"), "a.ttml")
    assert found.cues[1].lines == ("Für",)
    assert what(found) == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 5000,
        bytes(range(256)) * 20,
        b"Just some text.\n",
        b"<html><body>1</body></html>",
        b'{"cues": []}',
    ],
)
def test_what_is_no_caption_file_is_told(data: bytes) -> None:
    with pytest.raises(BadSource, match=r"(not a caption file|empty): WebVTT, SubRip"):
        read(data, "x.txt")


@pytest.mark.parametrize("name", ["a.vtt", "a.srt"])
def test_a_binary_of_a_captions_name_is_told(name: str) -> None:
    with pytest.raises(BadSource, match="not a caption file"):
        read(bytes(range(256)) * 20, name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.vtt", "1: the file does not begin with"),
        ("a.srt", "1: no cue in it"),
        ("a.ttml", "1: not well-formed XML"),
    ],
)
def test_an_empty_file_of_a_captions_name_is_not_valid(name: str, said: str) -> None:
    found = read(b"", name)
    assert said in what(found)
    assert found.cues == ()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_a_truncated_file_never_fails(name: str, share: float) -> None:
    data = FILES[name].encode()
    report = lint.inspect(data[: int(len(data) * share)], name, NETFLIX)
    assert report.cues <= 2
    # SubRip has no end: what is cut between two cues is a shorter file.
    assert not report.valid or (name == "a.srt" and report.cues == 1)


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aligner.captions.lint.parse.LARGEST", 100)
    with pytest.raises(BadSource, match="larger than"):
        read(VTT.encode() * 10, "a.vtt")


# ---------------------------------------------------------------- WebVTT and SubRip


def test_players_forgive_more_than_the_grammar() -> None:
    text = "WEBVTT\n0:0:1,5-->00:02.500 line:0\nOne\n00:03.000 --> 00:04.000\nTwo\n"
    found = read(text.encode(), "a.vtt")
    assert cues(found) == [(1500, 2500, ("One",)), (3000, 4000, ("Two",))]
    assert found.cues[0].settings == "line:0"
    assert "bad cue timing" in what(found)


def test_what_stands_in_comments_is_no_cue() -> None:
    text = "WEBVTT\n\nNOTE\n00:00:01.000 --> 00:00:02.000\nNot shown\n\n" + VTT.partition("\n\n")[2]
    found = read(text.encode(), "a.vtt")
    assert cues(found) == EXPECTED
    assert what(found) == '4: "-->" in a comment'


def test_the_language_is_the_one_that_our_own_files_name() -> None:
    text = VTT.replace("WEBVTT\n", "WEBVTT\n\nNOTE\nLanguage: pt-BR\n", 1)
    assert read(text.encode(), "a.vtt").language == "pt-BR"
    assert read(TTML.encode(), "a.ttml").language == "fr"
    assert read(SRT.encode(), "a.srt").language is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SRT.replace("\n2\n", "\n7\n"), "6: not numbered 2: '7' stands above it"),
        (SRT.replace("00:00:01,000", "00:00:01.000"), "2: bad cue timing"),
        (SRT.replace("00:00:01,000", "0:00:01,000"), "2: bad cue timing"),
        (SRT.replace("00:00:02,500", "00:00:00,500"), "2: the cue does not end after"),
        (SRT.replace("00:00:01,000", "00:00:03,500"), "6: the cue starts before one above"),
        (SRT.replace("Three", "Three\n\nFour"), "8: a blank line within a cue"),
        (SRT.replace("Three", "a\0b"), "7: a NUL character"),
        ("Hello\n\n" + SRT, "1: text before the first cue"),
    ],
)
def test_what_players_of_subrip_stumble_over(text: str, said: str) -> None:
    assert said in what(read(text.encode(), "a.srt"))


def test_subrip_is_read_as_pysubs2_does() -> None:
    theirs = pysubs2.SSAFile.from_string(SRT, format_="srt")
    assert cues(read(SRT.encode(), "a.srt")) == [(e.start, e.end, (e.plaintext,)) for e in theirs]


# ---------------------------------------------------------------- TTML


def ttml(body: str, attributes: str = "") -> bytes:
    return (
        '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en" '
        f'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" {attributes}>'
        f"<body>{body}</body></tt>"
    ).encode()


@pytest.mark.parametrize(
    ("begin", "attributes", "expected"),
    [
        ("00:00:01.250", "", 1250),
        ("100:00:01.25", "", 360_001_250),
        ("00:00:01:15", 'ttp:frameRate="30"', 1500),
        ("00:00:01:12", 'ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"', 1500),
        ("1.5s", "", 1500),
        ("1500ms", "", 1500),
        ("0.5m", "", 30_000),
        ("0.001h", "", 3600),
        ("36f", 'ttp:frameRate="24"', 1500),
        ("15000000t", 'ttp:tickRate="10000000"', 1500),
        ("15t", "", 15_000),
    ],
)
def test_ttml_counts_time_in_many_ways(begin: str, attributes: str, expected: int) -> None:
    data = ttml(f'<div><p begin="{begin}" end="999h">x</p></div>', attributes)
    (cue,) = read(data, "a.ttml").cues
    assert cue.start_ms == expected
    model = imsc.to_model(ET.ElementTree(ET.fromstring(data)))  # noqa: S314  our own
    assert model is not None
    (theirs,) = (e for e in model.get_body().dfs_iterator() if isinstance(e, P))
    assert round(Fraction(theirs.get_begin()) * 1000) == expected


NAMESPACES = ("2004/11/ttaf1", "2006/02/ttaf1", "2006/04/ttaf1", "2006/10/ttaf1")


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize(
    ("begin", "parameters", "expected"),
    [
        ("00:00:01:20", 'p:frameRate="25"', 1800),
        ("00:00:01:12", 'p:frameRate="24" p:frameRateMultiplier="1000:1001"', 1500),
        ("10000000t", 'p:tickRate="10000000"', 1000),
        ("50t", 'p:frameRate="25"', 2000),
        ("50t", 'p:frameRate="25" p:subFrameRate="2"', 1000),
        ("00:00:01:05.1", 'p:frameRate="25" p:subFrameRate="2"', 1220),
    ],
)
def test_parameters_count_in_the_namespaces_of_drafts(
    namespace: str, begin: str, parameters: str, expected: int
) -> None:
    text = (
        f'<tt xmlns="http://www.w3.org/{namespace}" '
        f'xmlns:p="http://www.w3.org/{namespace}#parameter" {parameters}><body><div>'
        f'<p begin="{begin}" end="999h">x</p></div></body></tt>'
    )
    assert [c.start_ms for c in read(text.encode(), "a.dfxp").cues] == [expected]


def test_parameters_of_another_namespace_do_not_count() -> None:
    text = '<tt xmlns:p="urn:x" p:frameRate="25"><body><p begin="15f" end="9s">x</p></body></tt>'
    assert [c.start_ms for c in read(text.encode(), "a.dfxp").cues] == [500]


@pytest.mark.parametrize(
    "body",
    [
        '<div timeContainer="seq"><p dur="2s">a</p><p begin="1s" dur="3s">b</p>'
        '<p begin="1s" end="2s">c</p></div>',
        '<div timeContainer="seq" begin="10s"><p dur="2s">a</p><p dur="3s">b</p></div>',
        '<div timeContainer="seq"><div><p begin="1s" end="4s">a</p><p begin="2s" end="3s">b</p>'
        '</div><p dur="1s">c</p></div>',
        '<div timeContainer="seq" end="4s"><p dur="3s">a</p><p dur="3s">b</p></div>',
        '<div><p begin="5s" timeContainer="seq"><span dur="1s">a</span><span dur="2s">b</span>'
        "</p></div>",
    ],
)
def test_ttml_in_sequence_is_timed_as_ttconv_does(body: str) -> None:
    data = ttml(body)
    model = imsc.to_model(ET.ElementTree(ET.fromstring(data)))  # noqa: S314  our own
    assert model is not None
    shown: list[tuple[int, int, tuple[str, ...]]] = []
    for leaf in model.get_body().dfs_iterator():
        if isinstance(leaf, Text):
            begin, last, at = Fraction(0), [], leaf.parent()
            chain = []
            while at is not None:
                chain.append(at)
                at = at.parent()
            for element in reversed(chain):
                if element.get_end() is not None:
                    last.append(begin + element.get_end())
                begin += element.get_begin() or 0
            shown.append((int(begin * 1000), int(min(last) * 1000), (leaf.get_text(),)))
    assert cues(read(data, "a.ttml")) == shown


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '<div begin="10s" end="14s"><p begin="1s" end="2s">a</p>'
            '<p begin="3s" end="9s">b</p></div>',
            [(11_000, 12_000, ("a",)), (13_000, 14_000, ("b",))],
        ),
        (
            '<div timeContainer="seq"><p dur="2s">a</p><p dur="1s">b</p></div>'
            '<div begin="20s"><p end="1s">c</p></div>',
            [(0, 2000, ("a",)), (2000, 3000, ("b",)), (20_000, 21_000, ("c",))],
        ),
        (
            '<div><p begin="1s"><span begin="1s" end="2s">a</span><span>b</span></p></div>',
            [(2000, 3000, ("a",))],
        ),
        (
            '<div><p><span begin="1s" end="2s">a</span> '
            '<span begin="2s" end="3s">b</span></p></div>',
            [(1000, 2000, ("a",)), (2000, 3000, ("b",))],
        ),
        (
            '<div><p begin="1s" end="2s">\n  two\n  words<br/>'
            "and\n<metadata>no</metadata> more\n</p></div>",
            [(1000, 2000, ("two words", "and more"))],
        ),
    ],
)
def test_ttml_times_count_from_what_is_around(
    body: str, expected: list[tuple[int, int, tuple[str, ...]]]
) -> None:
    assert cues(read(ttml(body), "a.ttml")) == expected


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<div><p begin="soon" end="2s">x</p></div>', "bad time 'soon'"),
        ('<div><p begin="1s">x</p></div>', "a cue without an end"),
        ('<div><p begin="3s" end="2s">x</p></div>', "does not end after it starts"),
        ("<div/>", "no cue in it"),
    ],
)
def test_what_is_wrong_with_ttml_is_told(body: str, said: str) -> None:
    assert said in what(read(ttml(body), "a.ttml"))


BOMB = '<!DOCTYPE tt [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {new} "{("&" + old + ";") * 10}">'
    for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    "place", ['<p begin="1s" end="2s">&j;</p>', '<p begin="1s" end="2s" id="&j;">x</p>']
)
def test_a_billion_laughs_are_not_laughed(place: str) -> None:
    data = (BOMB + "]>").encode() + ttml(f"<div>{place}</div>")
    began = time.process_time()
    try:
        found = read(data, "a.ttml")
    except BadSource as error:
        assert "declares entities" in str(error)  # noqa: PT017
    else:
        assert "not well-formed XML" in what(found)
    assert time.process_time() - began < 30


def test_no_other_file_is_read_through_ttml(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    doctype = f'<!DOCTYPE tt [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    with pytest.raises(BadSource, match="declares entities"):
        read(doctype.encode() + ttml('<div><p begin="1s" end="2s">&x;</p></div>'), "a.ttml")


# ---------------------------------------------------------------- any bytes, many cues


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("WEBVTT\n", "\n", "\r\n", "00:01.000 --> 00:02.000", "NOTE", "STYLE", "1\n"),
                *("00:00:03,000 --> 00:00:02,000 x", "<i>", "</b>", "<v >", "&", "-->", "\0"),
                *("&#99999999999;", "&#xD800;", "\ufeff", "水", "👩‍💻", "text ", "<tt>", "</tt>"),
                "99999999999999:00:00.000 --> ",
            ]
        ),
        max_size=30,
    ),
    st.sampled_from(["a.vtt", "a.srt", "a.ttml"]),
)  # fmt: skip
@example(["00:01.000 --> 00:02.000", "\n", *["WEBVTT\n"] * 5], "a.vtt")
@example(["00:01.000 --> 00:02.000", "\n", "WEBVTT\n", "WEBVTT\n", "<tt>"], "a.vtt")
def test_any_text_is_read_checked_and_mended(parts: list[str], name: str) -> None:
    data = "".join(parts).encode()
    try:
        before = lint.inspect(data, name, NETFLIX)
        mended = lint.fix(data, name, NETFLIX)
    except BadSource:
        return
    after = lint.inspect(mended.text.encode(), name, NETFLIX)
    assert after.cues == before.cues
    assert lint.fix(mended.text.encode(), name, NETFLIX).text == mended.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "payload", ["&#" + "9" * 100_000 + ";", "<" * 100_000, "&" * 100_000, "<v " + "a" * 100_000]
)
def test_a_long_line_takes_no_time(payload: str) -> None:
    began = time.process_time()
    report = lint.inspect(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{payload}\n".encode(), "a", NETFLIX)
    assert not report.valid
    assert time.process_time() - began < 30


@pytest.mark.parametrize(
    "line",
    [
        *("0:" * 50_000, "0:00:00 " * 20_000, "-" * 100_000, "1" * 100_000, "0:0" + " " * 100_000),
        *(
            "00:01.000 --> 00:02.000 a:" + "b" * 100_000,
            "00:01.000 --> 00:02.000 a" + " " * 100_000,
        ),
        "00:01.000 --> 00:02.000 a" + " " * 100_000 + "b",
    ],
)
@pytest.mark.parametrize("name", ["a.srt", "a.vtt"])
def test_a_long_line_of_times_takes_no_time(line: str, name: str) -> None:
    began = time.process_time()
    head = "WEBVTT" if name == "a.vtt" else "1\n00:00:01,000 --> 00:00:02,000\nx"
    lint.inspect(f"{head}\n\n2\n{line}\ntext\n".encode(), name, NETFLIX)
    assert time.process_time() - began < 10


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["vtt", "srt", "ttml"])
def test_time_grows_with_the_number_of_cues(kind: str) -> None:
    def seconds(count: int) -> float:
        data = many(kind, count)
        began = time.thread_time()
        assert lint.inspect(data, f"a.{kind}", NETFLIX).cues == count
        return time.thread_time() - began

    few, many_ = (min(seconds(count) for _ in range(3)) for count in (800, 8000))
    assert many_ < 30 * max(few, 0.01)  # 100 times, if it were its square


def many(kind: str, count: int) -> bytes:
    times = [(clock(k * 2000), clock(k * 2000 + 1900)) for k in range(count)]
    if kind == "ttml":
        return ttml("<div>" + "".join(f'<p begin="{a}" end="{b}">A<br/>b</p>\n' for a, b in times)
                    + "</div>")  # fmt: skip
    text = "".join(f"{k}\n{a} --> {b}\nA\nb\n\n" for k, (a, b) in enumerate(times, start=1))
    return (f"WEBVTT\n\n{text}" if kind == "vtt" else text.replace(".", ",")).encode()
