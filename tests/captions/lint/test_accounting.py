"""Whatever comes in, every word of a caption file comes out of a fix, or nothing is written.

The files are generated, so the tests know what in them is text, times and numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html import unescape

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aligner.captions import lint
from aligner.captions.lint.accounting import missing_lines
from aligner.captions.lint.parse import read
from aligner.captions.profiles import PROFILES
from aligner.errors import BadSource

NETFLIX = PROFILES["netflix"]


def fixed(text: str, name: str) -> str:
    return lint.fix(text.encode(), name, NETFLIX).text


def why_not(text: str, name: str) -> str:
    """Why a file is not fixed."""
    with pytest.raises(BadSource) as error:
        fixed(text, name)
    return error.value.why


# ---------------------------------------------------------------- times as people write them

TIMES = {
    "00:00:20 --> 00:00:24": (20_000, 24_000),
    "00:00:20,500 --> 00:00:24": (20_500, 24_000),
    "00:00:20.500 --> 00:00:24.250": (20_500, 24_250),
    "0:00:20,5 --> 0:00:24,2": (20_500, 24_200),
    "0:0:1,5 --> 0:0:2,25": (1500, 2250),
    "00:20,500 --> 00:24,000": (20_500, 24_000),
    "00:20 --> 00:24": (20_000, 24_000),
    "1:02:03 --> 1:02:04": (3_723_000, 3_724_000),
    "00:00:20,000-->00:00:24,000": (20_000, 24_000),
    "  00:00:20,000  -->  00:00:24,000  ": (20_000, 24_000),
    "00:00:20,000 -> 00:00:24,000": (20_000, 24_000),
    "00:00:20,000 ---> 00:00:24,000": (20_000, 24_000),
    "00:00:20,000 => 00:00:24,000": (20_000, 24_000),
    "00:00:20,000 –> 00:00:24,000": (20_000, 24_000),
    "00:00:20,000 -- > 00:00:24,000": (20_000, 24_000),
    "00:00:20,000 --&gt; 00:00:24,000": (20_000, 24_000),
    "00:00:20,000 → 00:00:24,000": (20_000, 24_000),
    "00: 00: 20,000 -> 00: 00: 24, 000": (20_000, 24_000),
    "1:20 -> 1:24": (80_000, 84_000),
    "00:00:20:500 --> 00:00:24:000": (20_500, 24_000),
    "00:00:20;500 --> 00:00:24;000": (20_500, 24_000),
    "00:20:500 --> 00:24:000": (20_500, 24_000),
    "00:00:20,000\u00a0--> 00:00:24,000": (20_000, 24_000),
    "00：00：20，000 --> 00：00：24，000": (20_000, 24_000),
}


@pytest.mark.parametrize("kind", ["srt", "vtt"])
@pytest.mark.parametrize(("line", "expected"), TIMES.items())
def test_times_are_read_as_people_write_them(
    line: str, expected: tuple[int, int], kind: str
) -> None:
    head = "WEBVTT\n\n" if kind == "vtt" else ""
    text = f"{head}1\n{line}\nThe ferry is back.\n\n2\n01:10:00,000 --> 01:10:02,000\nNo more.\n"
    found = read(text.encode(), f"a.{kind}")
    assert [(c.start_ms, c.end_ms) for c in found.cues] == [expected, (4_200_000, 4_202_000)]
    assert [c.lines for c in found.cues] == [("The ferry is back.",), ("No more.",)]
    made = lint.inspect(fixed(text, f"a.{kind}").encode(), f"a.{kind}", NETFLIX)
    assert made.valid
    assert made.cues == 2


def test_a_loose_arrow_needs_a_number_above_it_where_others_have_one() -> None:
    loose = "1:20 -> 1:24\nThe ferry is back.\n\n1:25 -> 1:29\nNo more.\n"
    assert fixed(loose, "a.srt") == srt(
        ("00:01:20,000 --> 00:01:24,000", "The ferry is back."),
        ("00:01:25,000 --> 00:01:29,000", "No more."),
    )
    assert "line 5: it seems to be a timing line" in why_not(f"{srt(GOOD)}\n{loose[38:]}", "a.srt")


def test_the_format_is_told_by_times_without_milliseconds() -> None:
    assert read(b"1\n00:00:20 --> 00:00:24\nThe ferry is back.\n", "standard input").kind == "srt"


def srt(*cues: tuple[str, str], numbered: bool = True) -> str:
    blocks = (
        (f"{k}\n" if numbered else "") + f"{times}\n{text}\n"
        for k, (times, text) in enumerate(cues, start=1)
    )
    return "\n".join(blocks)


GOOD = ("00:00:01,000 --> 00:00:03,000", "The ferry is back.")
LAST = ("00:00:07,000 --> 00:00:09,000", "No more.")


@pytest.mark.parametrize(
    "times",
    [
        *("00:00:03,0: --> 00:00:05,55", "00:00:O3,000 --> 00:00:05,000", "00:00:03,000 -->"),
        *("--> 00:00:05,000", "-00:00:03,000 --> 00:00:05,000", "00:00:03:12 --> 00:00:05:00"),
        *("00.00.03,000 --> 00.00.05,000", "00:00:03,000 00:00:05,000", "20 --> 24"),
        *("00:00:03,000,00:00:05,000", "00:00:03,000 - 00:00:05,000", "00:00:03 -> later"),
        "It has no times at all.",
    ],
)
def test_times_that_cannot_be_read_are_named_by_line(times: str) -> None:
    text = srt(GOOD, (times, "It leaves at seven."), LAST)
    assert re.search(
        r"nothing is written: line [56]: (it seems to be|the number of)", why_not(text, "a.srt")
    )
    report = lint.inspect(text.encode(), "a.srt", NETFLIX)
    assert not report.valid


def test_text_before_the_first_cue_is_named_by_line() -> None:
    text = "The ferry is back.\n\nIt leaves at seven.\n\n" + srt(LAST)
    assert why_not(text, "a.srt").endswith("lines 1, 3: text before the first cue")


NO_CUES = [
    *("", "\n\n", "The ferry is back.\n", "{100}{200}The ferry is back.\n"),
    "0:00:01.000,0:00:03.000\nThe ferry is back.\n",
]


@pytest.mark.parametrize("text", NO_CUES)
def test_a_file_without_a_cue_stays(text: str) -> None:
    assert "line 1: " in why_not(text, "a.srt")


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (srt(GOOD, ("00:00:04,000 --> 00:00:06,000", "400"), LAST), "400"),
        (srt(GOOD, ("00:00:04,000 --> 00:00:06,000", "How many?\n400"), LAST), "How many? 400"),
        (srt(GOOD, ("00:00:04,000 --> 00:00:06,000", "How many?\n\n400"), LAST), "How many? 400"),
        (srt(GOOD, ("00:00:04,000 --> 00:00:06,000", "400"), LAST, numbered=False), "400"),
        (srt(("00:00:04,000 --> 00:00:06,000", "400")), "400"),
    ],
)
def test_a_number_that_is_text_stays(text: str, shown: str) -> None:
    made = read(fixed(text, "a.srt").encode(), "a.srt")
    assert shown in [" ".join(cue.lines) for cue in made.cues]


@pytest.mark.parametrize(
    "numbers",
    [
        ("1", "2", "3"),
        ("#1", "#2", "#3"),
        ("1.", "2.", "3."),
        ("1", "\ufeff2", "3"),
        ("7", "8", "9"),
        ("1", "1", "1"),
        ("1", "2", "2"),
        ("0", "5", "3"),
    ],
)
def test_numbers_of_cues_are_written_anew(numbers: tuple[str, str, str]) -> None:
    middle = ("00:00:04,000 --> 00:00:06,000", "It leaves at seven.")
    text = "\n".join(
        f"{n}\n{t}\n{x}\n" for n, (t, x) in zip(numbers, (GOOD, middle, LAST), strict=True)
    )
    assert fixed(text, "a.srt") == srt(GOOD, middle, LAST)


def test_numbers_without_blank_lines_before_them_are_numbers_if_all_are() -> None:
    middle = ("00:00:04,000 --> 00:00:06,000", "It leaves at seven.")
    text = srt(GOOD, middle, LAST)
    assert fixed(text.replace("\n\n", "\n"), "a.srt") == text


@pytest.mark.parametrize("end", ["\n\n", "\r\r\n"])
def test_a_blank_line_after_every_line(end: str) -> None:
    text = srt(GOOD, ("00:00:04,000 --> 00:00:06,000", "400"), LAST)
    made = fixed(text.replace("\n", end), "a.srt")
    assert made.count("\n") == text.count("\n")
    assert re.sub(r"[\r\n]+", "\n", made) == text.replace("\n\n", "\n")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1\n00:00:01,000 --> 00:00:03,000\n400\n00:00:04,000 --> 00:00:06,000\nHi.\n", 3),
        ("1\n00:00:01,000 --> 00:00:03,000\nMany?\n400\n00:00:04,000 --> 00:00:06,000\nHi.\n", 4),
        ("00:00:01,000 --> 00:00:03,000\nMany?\n\n400\n00:00:04,000 --> 00:00:06,000\nHi.\n", 4),
        ("1\n00:00:01,000 --> 00:00:03,000\n\n400\n00:00:04,000 --> 00:00:06,000\nHi.\n", 4),
        ("1\n00:00:01,000 --> 00:00:03,000\n2\n00:00:04,000 --> 00:00:06,000\nHi.\n", 3),
    ],
)
def test_a_number_that_may_be_text_is_named_by_line(text: str, line: int) -> None:
    what = f"line {line}: it can be the number of a cue or the text of the one above"
    assert why_not(text, "a.srt").endswith(what)


# ---------------------------------------------------------------- text and markup

TEXTS = [
    *("a --> b", "A -> B", "{\\an8}Above", "{\\pos(10, 20)}There", "<i>one</i>", "AT&T", "&amp;"),
    *("X1: five", "5 --> six", "Run 1:20 -> 1:24", "NOTE", "STYLE", "WEBVTT", "1.", "♪ ♪", "水"),
    *("Bonjour\u00a0!", "<v Fred Smith>Yes", "3 < 4", "<font color='red'>Red</font>", "👩\u200d💻"),
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_text_stays_as_it_is(text: str, kind: str) -> None:
    head, mark = ("WEBVTT\n\n", ".") if kind == "vtt" else ("1\n", ",")
    whole = f"{head}00:00:01{mark}000 --> 00:00:03{mark}000\nSo:\n{text}\n"
    made = read(fixed(whole, f"a.{kind}").encode(), f"a.{kind}")
    assert [c.lines for c in made.cues] == [c.lines for c in read(whole.encode(), f"a.{kind}").cues]
    if kind == "srt":
        assert text in made.text


def test_spaces_at_which_no_line_may_break_stay() -> None:
    long = "Il y a des gens qui vivent ici depuis des années\u00a0; et toi\u00a0?"
    made = fixed(srt((GOOD[0], long)), "a.srt")
    assert re.sub(r"\n", " ", made).count("\u00a0") == 2


def test_a_tag_of_ass_is_not_broken() -> None:
    long = "{\\fad(200, 200)\\pos(10, 20)}" + "word " * 12
    assert "{\\fad(200, 200)\\pos(10, 20)}word" in fixed(srt((GOOD[0], long)), "a.srt")


@pytest.mark.parametrize(
    "settings_", ["X1:100 X2:200 Y1:400 Y2:420", "X1: 1 Y1: 2", "line:0,end align:start"]
)
def test_positions_stay(settings_: str) -> None:
    assert f"--> 00:00:03,000 {settings_}\n" in fixed(
        srt((f"{GOOD[0]} {settings_}", "Hi.")), "a.srt"
    )


@pytest.mark.parametrize("name", ["a.srt", "a.vtt"])
@pytest.mark.parametrize("text", ["The ferry is back.", "Anna: it leaves", "up"])
def test_text_after_times_is_named_by_line(text: str, name: str) -> None:
    head = "WEBVTT\n\n" if name == "a.vtt" else "\n\n"
    why = why_not(f"{head}00:00:01.000 --> 00:00:03.000 {text}\n", name)
    assert why.endswith("line 3: text after the times")


def test_lines_are_not_joined_to_times() -> None:
    text = srt((GOOD[0], "00:00:01,000\n→\n00:00:02,000"))
    assert fixed(text, "a.srt") == text


def test_line_breaks_of_html_become_lines() -> None:
    text = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nOne<br>two<br/>\n"
    assert fixed(text, "a.vtt") == text.replace("One<br>two<br/>", "One\ntwo")


# ---------------------------------------------------------------- headers and blocks of WebVTT

CUE = "00:00:01.000 --> 00:00:03.000\nThe ferry is back.\n"


@pytest.mark.parametrize(
    "header",
    [
        "WEBVTT\nKind: captions\nLanguage: pt-BR\n",
        "WEBVTT - Title\nlang: fr\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n",
        "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\nKind: captions\n",
        "WEBVTT\nResponsible Party: US, Archive\n\nNOTE by hand\n\nREGION\nid:a\n",
        "WEBVTT\nno name and value\n\nSTYLE\n::cue { color: red }\n",
    ],
)
def test_header_lines_stay_in_the_header(header: str) -> None:
    text = f"{header}\n{CUE}"
    report = lint.inspect(text.encode(), "a.vtt", NETFLIX)
    assert report.valid
    assert any(note.what.startswith("a header line") for note in report.notes)
    assert fixed(text, "a.vtt") == text
    if "\n\n" not in header:
        assert fixed(f"{header}{CUE}", "a.vtt") == text  # the blank line is missing


def test_a_timestamp_map_with_a_space_is_mended() -> None:
    text = f"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000, MPEGTS:900000\n\n{CUE}"
    assert not lint.inspect(text.encode(), "a.vtt", NETFLIX).valid
    assert fixed(text, "a.vtt") == text.replace(", ", ",")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("WEBVTT\nSTYLE\n::cue {}\n\n" + CUE, "WEBVTT\n\nSTYLE\n::cue {}\n\n" + CUE),
        ("WEBVTT\n1\n" + CUE, "WEBVTT\n\n1\n" + CUE),
        ("1\n" + CUE.replace(".000", ",000"), "WEBVTT\n\n1\n" + CUE),
        ("\n\nWEBVTT\n\n" + CUE, "WEBVTT\n\n" + CUE),
    ],
)
def test_headers_are_mended(text: str, expected: str) -> None:
    assert fixed(text, "a.vtt") == expected


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Language: eng", "eng"),
        ("lang: fr", "fr"),
        ("LANGUAGE: pt_BR", "pt-BR"),
        ("srclang=de", "de"),
    ],
)
def test_the_language_of_the_header(line: str, language: str) -> None:
    assert read(f"WEBVTT\n{line}\n\n{CUE}".encode(), "a.vtt").language == language


def test_the_language_is_not_taken_from_what_is_said() -> None:
    assert read(f"WEBVTT\n\n{CUE}Language: fr\n".encode(), "a.vtt").language is None


# ---------------------------------------------------------------- the property

WORDS = st.sampled_from(
    [
        *("ferry", "harbour", "400", "2", "1", "a --> b", "->", "1:20", "{\\an8}up", "<i>it</i>"),
        *("&", "<b>", "AT&T", "水", "é", "12:30 -> 12:40", "X1:", "NOTE", "-", "00:00:05"),
        *("\u00a0", "👩\u200d💻", "--", "&amp;", "♪"),
    ]
)
LINES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
CLOCKS = st.tuples(st.integers(0, 3), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))


@dataclass(frozen=True)
class Written:
    """A generated file, and what a fix must keep of it."""

    text: str
    said: list[str]
    name: str


@st.composite
def timing(draw: st.DrawFn) -> str:
    """A timing line as people write it, or nearly so."""
    forms = [
        *("{0:02}:{1:02}:{2:02},{3:03}", "{0}:{1:02}:{2:02}.{3:03}", "{0:02}:{1:02}:{2:02}"),
        *("{1:02}:{2:02},{3}", "{1}:{2:02}", "{0:02}:{1:02}:{2:02}:{3:03}", "{2}", "later"),
        *("{0:02}:{1:02}:{2:02},{3}:", "{0:02}: {1:02}: {2:02},{3:03}"),
    ]
    form = draw(st.sampled_from(forms[:4] * 3 + forms))
    arrow = draw(
        st.sampled_from([" --> "] * 4 + [" -> ", "-->", " → ", " --&gt; ", " - ", " ", ","])
    )
    start, end = draw(CLOCKS), draw(CLOCKS)
    positions = draw(st.sampled_from(["", "", "", " X1:10 X2:20 Y1:30 Y2:40", " line:0"]))
    return form.format(*start) + arrow + form.format(*end) + positions


@st.composite
def subrip(draw: st.DrawFn) -> Written:
    """SubRip with numbers, blank lines and times missing here and there."""
    lines, said = [], []
    for k in range(1, draw(st.integers(1, 5)) + 1):
        number = draw(st.sampled_from([str(k)] * 6 + ["", "7", str(k - 1)])) if k > 1 else "1"
        text = draw(st.lists(LINES, max_size=3))
        lines += [number] if number else []
        lines += [draw(timing())]
        blanks = draw(st.sampled_from([0] * 8 + [1]))
        for line in text:
            lines += [line, *([""] * blanks)]
        lines += [""] * draw(st.sampled_from([1, 1, 1, 1, 2, 0]))
        said += text
    return Written(_ended(draw, lines), said, "a.srt")


HEADER_LINES = [
    *("Kind: captions", "lang: fr", "X-TIMESTAMP-MAP=MPEGTS:9,LOCAL:00:00:00.000"),
    *("NOTE made", "Odd line"),
]
BLOCKS: list[list[str]] = [
    *([], [], [], ["NOTE a remark", "more of it", ""], ["STYLE", "::cue { color: red }", ""]),
    *(["REGION", "id:fred", ""], ["Text of no cue", ""]),
]


@st.composite
def webvtt(draw: st.DrawFn) -> Written:
    """WebVTT with blocks, header lines and stray text."""
    header = draw(st.lists(st.sampled_from(HEADER_LINES), max_size=3))
    signature = draw(st.sampled_from(["WEBVTT", "WEBVTT", "WEBVTT A title", ""]))
    lines = [signature, *header, *[""] * draw(st.integers(0, 2))]
    said = [*lines]
    for k in range(draw(st.integers(0, 5))):
        block = draw(st.sampled_from(BLOCKS))
        identifier = draw(st.sampled_from(["", "", f"id{k}", "same", str(k)]))
        text = draw(st.lists(LINES, max_size=3))
        lines += [*block, *([identifier] if identifier else []), draw(timing()), *text]
        said += [*block, identifier, *text]
        lines += [""] * draw(st.sampled_from([1, 1, 1, 1, 2, 0]))
    return Written(_ended(draw, lines), said, "a.vtt")


def _ended(draw: st.DrawFn, lines: list[str]) -> str:
    """Lines as one text: with any line end, the last one with or without, with or without mark."""
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    last = draw(st.sampled_from(["", end]))
    return draw(st.sampled_from(["", "\ufeff"])) + end.join(lines) + last


def words(text: str) -> Counter[str]:
    """The words and symbols of a text as a person sees them, without tags."""
    shown = unescape(re.sub(r"</?[bi]>", "", text))
    return Counter(re.findall(r"\w+|[^\w\s]", shown))


WITHOUT_MS = Written(
    "1\n00:00:20 --> 00:00:24\nThe ferry.\n\n2\n00:00:24 --> 00:00:27\n400",
    ["The ferry.", "400"],
    "a.srt",
)
TEXT_OR_NUMBER = Written(
    "1\n00:00:01,000 --> 00:00:03,000\n400\n00:00:04,000 --> 00:00:06,000\n", ["400"], "a.srt"
)


def without_times(text: str, name: str) -> str:
    """A fixed file's text without its timing lines, and without the numbers of SubRip."""
    number = r"\d+\n" if name.endswith("srt") else ""
    clock = r"\d{2,}:\d\d:\d\d[.,]\d{3}"
    lines = "\n".join(text.removeprefix("\ufeff").splitlines())
    return re.sub(rf"^{number}{clock} --> {clock}.*$", "", lines, flags=re.MULTILINE)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(subrip() | webvtt(), st.sampled_from(["utf-8", "utf-8", "utf-16", "utf-16-le", "latin-1"]))
@example(WITHOUT_MS, "utf-8")
@example(TEXT_OR_NUMBER, "utf-8")
def test_every_word_comes_out_or_nothing_is_written(made: Written, encoding: str) -> None:
    data = made.text.encode(encoding, "replace")
    said = "\n".join(made.said).encode(encoding, "replace").decode(encoding)
    try:
        text = lint.fix(data, made.name, NETFLIX).text
    except BadSource as error:
        named = re.search(r"lines? \d+", error.why)
        assert named or "not a caption file" in error.why  # noqa: PT017
        return
    assert words(said) - words(without_times(text, made.name)) == Counter()
    again = read(text.encode(), made.name)
    starts = [cue.start_ms for cue in again.cues]
    assert starts == sorted(starts)
    assert Counter(starts) == Counter(cue.start_ms for cue in read(data, made.name).cues)
    assert lint.fix(text.encode(), made.name, NETFLIX).text == text


def test_a_lost_line_is_found() -> None:
    given_ = read(srt(GOOD, LAST).encode(), "a.srt")
    for lost, line in (("No more.", 7), ("ferry", 3), ("00:00:07,000", 6)):
        less = srt(GOOD, LAST).replace(lost, "00:00:08,000" if line == 6 else "")
        assert missing_lines(given_, read(less.encode(), "a.srt")) == [line]
    vtt = f"WEBVTT\nKind: captions\n\nNOTE said\n\nid\n{CUE}"
    for lost, line in (("Kind", 2), ("said", 4), ("\nid", 6), (" back", 8)):
        fewer = read(vtt.replace(lost, "", 1).encode(), "a.vtt")
        assert missing_lines(read(vtt.encode(), "a.vtt"), fewer) == [line]
