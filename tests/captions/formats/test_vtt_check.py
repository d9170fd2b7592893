"""The grammar of a WebVTT file: what is valid passes, each fault is found on its line."""

import pytest

from aligner.captions.formats.vtt_check import breaches

HEAD = "WEBVTT\n\n"
TIMING = "00:01.000 --> 00:02.000"


def cue(payload: str, timing: str = TIMING) -> str:
    return f"{HEAD}{timing}\n{payload}\n"


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT\n\n",
        "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:9,LOCAL:00:00.000\n\n",
        "\ufeffWEBVTT Some title\r\n\r\n1\r\n00:00:01.000 --> 00:00:02.000\r\nYes.\r\n",
        "WEBVTT\r\r00:01.000 --> 00:02.000\rYes.\r",
        "WEBVTT\n\nNOTE\nSeveral\nlines\n\nNOTE one\n\n" + TIMING + "\nYes.\n\nNOTE last\n",
        "WEBVTT\n\nREGION\nid:fred width:40%\nlines:3 scroll:up\n\nSTYLE\n::cue { color: red }\n\n"
        "00:01.000 --> 00:02.000 region:fred\nYes.\n",
        cue("Tom &amp; Jerry &lt;3 &#233; &#xe9; &nbsp;"),
        cue("<v.loud Fred Smith>Yes, <i.a.b>of course</i>."),
        cue("<c.x>one</c> <00:01.200><c>two</c><00:01.900>three"),
        cue("<ruby>漢<rt>kan</rt>字<rt>ji</ruby> <lang en-GB>lift</lang>"),
        cue("a > b and two\nlines"),
        cue("", "100:00:01.000 --> 100:00:02.000"),
        cue("Yes.", TIMING + " line:-1 position:10.5%,line-left size:100% align:start"),
        cue("Yes.", TIMING + "\tvertical:rl line:50%,center"),
        HEAD + TIMING + "\nA\n\n" + TIMING + "\nB at the same time\n",
    ],
)
def test_valid_files_pass(text: str) -> None:
    assert breaches(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: the file does not begin"),
        ("WEBVT\n\n", "line 1: the file does not begin"),
        ("WEBVTTX\n\n", "line 1: the file does not begin"),
        ("WEBVTT a --> b\n\n", 'line 1: "-->" in the header'),
        ("WEBVTT\nX: y\n\n", "line 2: a header line that WebVTT does not define: X: y"),
        ("WEBVTT\nX: y\n" + TIMING + "\nYes.\n", "line 3: no blank line"),
        ("WEBVTT\nNOTE x\n\n", "line 2: no blank line"),
        ("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:9, LOCAL:00:00.000\n\n", "line 2: bad X-TIMESTAMP-MAP"),
        ("WEBVTT\n" + TIMING + "\nYes.\n", "line 2: no blank line"),
        ("WEBVTT\n\nNOTE a\0b\n", "line 3: a NUL"),
        (cue("Yes.").rstrip("\n"), "line 4: the last line has no line end"),
        ("WEBVTT\n\nNOTE\na --> b\n", 'line 4: "-->" in a comment'),
        ("WEBVTT\n\nSTYLE\na --> b\n", 'line 4: "-->" in a STYLE'),
        (cue("Yes.") + "\nSTYLE\n::cue {}\n", "line 6: STYLE after the first cue"),
        (cue("Yes.") + "\nREGION\nid:a\n", "line 6: REGION after the first cue"),
        ("WEBVTT\n\nREGION\nid:a\n\nREGION\nid:a\n", "line 6: region a is defined twice"),
        ("WEBVTT\n\nREGION\nid:a width:200%\n", "line 3: bad setting width:200%"),
        ("WEBVTT\n\nneither\n", "line 3: neither a cue nor a comment"),
        (cue("Yes.\n\nAfter a blank line"), "line 6: text after a blank line"),
        (
            HEAD + f"1\n{TIMING}\nA\n\n1\n{TIMING}\nB\n",
            "line 7: identifier 1 is used twice",
        ),
        (cue("Yes.", "00:01.000 -> 00:02.000"), "line 3: neither a cue"),
        (cue("Yes.", "00:01.000-->00:02.000"), "line 3: bad cue timing"),
        (cue("Yes.", "00:01,000 --> 00:02,000"), "line 3: bad cue timing"),
        (cue("Yes.", "00:01.00 --> 00:02.000"), "line 3: bad cue timing"),
        (cue("Yes.", "0:00:01.000 --> 0:00:02.000"), "line 3: bad cue timing"),
        (cue("Yes.", "00:60.000 --> 01:02.000"), "line 3: bad cue timing"),
        (cue("Yes.", "00:00:60.000 --> 00:01:00.500"), "line 3: bad cue timing"),
        (cue("Yes.", "٠٠:٠١.٠٠٠ --> 00:02.000"), "line 3: bad cue timing"),
        (cue("Yes.", "00:02.000 --> 00:02.000"), "line 3: the cue does not end after"),
        (cue("Yes.", "00:02.000 --> 00:01.000"), "line 3: the cue does not end after"),
        (
            cue("Yes.", "00:05.000 --> 00:06.000") + f"\n{TIMING}\nNo.\n",
            "line 6: the cue starts before one above",
        ),
        (cue("Yes.", TIMING + " align:middle"), "line 3: bad setting align:middle"),
        (cue("Yes.", TIMING + " size:101%"), "line 3: bad setting size:101%"),
        (cue("Yes.", TIMING + " size:50% size:50%"), "line 3: setting size is given twice"),
        (cue("Yes.", TIMING + " bold"), "line 3: bad setting bold"),
        (cue("one\ntwo --> three"), 'line 5: "-->" in a cue'),
        (cue("one\nTom & Jerry"), "line 5: bare &"),
        (cue("&bogus;"), "line 4: bare &"),
        (cue("&amp"), "line 4: bare &"),
        (cue("&#0;"), "line 4: bare &"),
        (cue("&#xD800;"), "line 4: bare &"),
        (cue("1 < 2"), "line 4: bare <"),
        (cue("I <3 you>"), "line 4: bare < or unknown tag <3 you>"),
        (cue("<font>x</font>"), "line 4: bare < or unknown tag <font>"),
        (cue("<i>x"), "line 4: <i> is not closed"),
        (cue("x</i>"), "line 4: </i> without its start tag"),
        (cue("<b><i>x</b></i>"), "line 4: </b> without its start tag"),
        (cue("<v>x</v>"), "line 4: <v> without an annotation"),
        (cue("<v Tom & Ann>x</v>"), "line 4: bare & in <v>"),
        (cue("<i loud>x</i>"), "line 4: <i> with an annotation"),
        (cue("<rt>x</rt>"), "line 4: <rt> outside <ruby>"),
        (cue("x <v Fred>y"), "line 4: <v> is not closed"),
        (cue("<00:01.000>x"), "line 4: a timestamp outside"),
        (cue("<00:02.000>x"), "line 4: a timestamp outside"),
        (cue("<00:01.500>x<00:01.400>y"), "line 4: a timestamp outside"),
    ],
)
def test_faults_are_found_on_their_line(text: str, expected: str) -> None:
    assert any(found.startswith(expected) for found in breaches(text)), breaches(text)


def test_breaches_come_in_order_of_lines() -> None:
    text = cue("a & b\n\nlost") + "\nSTYLE\nx"
    numbers = [int(found.split(":")[0].removeprefix("line ")) for found in breaches(text)]
    assert numbers == sorted(numbers)
    assert len(numbers) == 4
