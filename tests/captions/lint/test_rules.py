"""Cues + profile -> which rules each keeps; and what mending makes of them."""

from dataclasses import replace

import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.captions import lint
from aligner.captions.formats.base import clock
from aligner.captions.formats.vtt_check import breaches
from aligner.captions.lint.base import ParsedCue
from aligner.captions.lint.rewrap import rebroken
from aligner.captions.lint.rules import RULES, check
from aligner.captions.lint.webvtt import plain
from aligner.captions.profiles import PROFILES, Profile
from aligner.errors import BadSource

NETFLIX = PROFILES["netflix"]
TEXT = "Some words that stay."


def cue(start_ms: int, end_ms: int, *lines: str, number: int = 1) -> ParsedCue:
    lines = lines or (TEXT,)
    return ParsedCue(number, 10 * number, start_ms, end_ms, lines, lines)


def broken(*cues: ParsedCue) -> dict[str, list[int]]:
    """The rules that are broken, with the cues that break them."""
    numbered = [replace(c, number=k, line=10 * k) for k, c in enumerate(cues, start=1)]
    return {
        kept.rule: [fault.cue for fault in kept.faults]
        for kept in check(numbered, NETFLIX)
        if kept.faults
    }


LONG = "This line has more than forty-two characters."


@pytest.mark.parametrize(
    ("cues", "expected"),
    [
        ([cue(0, 2000)], {}),
        ([cue(0, 2000, " ")], {"empty": [1]}),
        ([cue(0, 2000), cue(1900, 4000)], {"overlap": [1]}),
        ([cue(0, 2000), cue(2000, 4000)], {"gap": [1]}),
        ([cue(0, 2000), cue(2080, 4000)], {}),
        ([cue(0, 2000), cue(2083, 4000)], {}),  # two frames of 24 a second
        ([cue(0, 2000), cue(2067, 4000)], {}),  # of 30
        ([cue(0, 2000), cue(2200, 4000)], {"gap": [1]}),
        ([cue(0, 2000), cue(2500, 4500)], {}),
        ([cue(3000, 5000), cue(0, 2000)], {"order": [1]}),
        ([cue(0, 700, "Hm.")], {"min-duration": [1]}),
        ([cue(0, 833, "Hm.")], {}),  # 20 frames of 24 a second
        ([cue(0, 7000)], {}),
        ([cue(0, 7100)], {"max-duration": [1]}),
        ([cue(0, 4000, LONG)], {"line-length": [1]}),
        ([cue(0, 2100, "水" * 21)], {}),
        ([cue(0, 2500, "水" * 22)], {"line-length": [1]}),
        ([cue(0, 2000, "a", "b", "c")], {"line-count": [1]}),
        ([cue(0, 2000, "a", " ", "b")], {}),
        ([cue(0, 2000, "x" * 40)], {}),
        ([cue(0, 2000, "x" * 41)], {"reading-speed": [1]}),
        ([cue(0, 2000, "x" * 20, "y" * 20)], {"reading-speed": [1]}),  # the break is a space
        ([cue(2000, 1000)], {"min-duration": [1], "reading-speed": [1]}),
    ],
)
def test_rules(cues: list[ParsedCue], expected: dict[str, list[int]]) -> None:
    assert broken(*cues) == expected


def test_a_language_has_numbers_of_its_own() -> None:
    data = "WEBVTT\n\n00:00.000 --> 00:02.000\n" + "x" * 38 + "\n"
    speeds = {
        (name, language): "reading-speed" in lint.inspect(
            data.encode(), name, NETFLIX, language
        ).broken()
        for name in ("a.vtt", "a.fr.vtt")
        for language in (None, "en", "fr")
    }  # fmt: skip
    assert [key for key, broken in speeds.items() if broken] == [
        ("a.vtt", "fr"),
        ("a.fr.vtt", None),
        ("a.fr.vtt", "fr"),
    ]


@pytest.mark.parametrize("name", ["bbc", "dcmp"])
def test_words_a_minute_count_where_a_standard_says_so(name: str) -> None:
    fast = [cue(0, 2000, "a b c d e f g h")]
    assert [k.rule for k in check(fast, PROFILES[name]) if k.faults] == ["reading-speed"]


def test_every_rule_speaks_of_every_cue() -> None:
    found = check([cue(0, 2000), cue(2200, 4000, number=2)], NETFLIX)
    assert [kept.rule for kept in found] == list(RULES)
    assert all(kept.of == 2 for kept in found)
    gap = next(kept for kept in found if kept.rule == "gap")
    assert (gap.kept, gap.share, gap.faults[0].line) == (1, 0.5, 10)
    assert gap.faults[0].what == "a gap of 0.200 s to the next one: 2 frames, or at least 0.500 s"


def test_without_cues_all_rules_are_kept() -> None:
    assert all(kept.share == 1.0 for kept in check([], NETFLIX))


# ---------------------------------------------------------------- line breaks


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([TEXT], None),
        ([LONG], ("This line has more than", "forty-two characters.")),
        (["One, two, and three four five six seven eight"],
         ("One, two, and three four", "five six seven eight")),
        (["a", "b", "c"], ("a b c",)),
        ([f"<i>{LONG}</i>"], ("<i>This line has more than", "forty-two characters.</i>")),
        (["<v Fred Smith the elder>Some words, and then some more of them"], None),
        ([f"- {LONG}", "- Yes."], None),
        (["x" * 90], None),
        ([f"{LONG} {LONG}"], None),
        (["Tom &amp; Jerry &amp; Spike &amp; Butch and others"], None),
    ],
)  # fmt: skip
def test_lines_are_broken_anew_where_words_fit(
    raw: list[str], expected: tuple[str, ...] | None
) -> None:
    assert rebroken(raw, plain, NETFLIX) == expected


# ---------------------------------------------------------------- mending


def file(*cues: tuple[int, int, str]) -> bytes:
    return (
        "WEBVTT\n\n" + "".join(f"{clock(a)} --> {clock(b)}\n{text}\n\n" for a, b, text in cues)
    ).encode()


def mended(*cues: tuple[int, int, str]) -> list[tuple[int, int, str]]:
    text = lint.fix(file(*cues), "a.vtt", NETFLIX).text
    assert breaches(text) == ()
    return [
        (c.start_time.in_milliseconds(), c.end_time.in_milliseconds(), c.raw_text)
        for c in webvtt.from_string(text, strict=True).captions
    ]


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((2000, 2080), 2000),  # right as it is
        ((2000, 2200), 2120),  # closed to two frames
        ((2000, 2000), 1920),  # shortened
        ((2300, 2000), 1920),  # an overlap
        ((2700, 2000), 2700),  # too far: reported, not mended
        ((2000, 2600), 2000),  # far enough
        ((700, 3000), 1050),  # the text takes so long to read
        ((700, 1200), 1120),  # then the gap would be too short
        ((700, 1000), 920),  # and no further than to the next one
        ((200, 3000), 1050),  # as late as it takes, where there is room
    ],
)
def test_out_times_are_mended(ends: tuple[int, int], expected: int) -> None:
    found = mended((0, ends[0], TEXT), (ends[1], ends[1] + 2000, TEXT))
    assert [start for start, _, _ in found] == [0, ends[1]]
    assert found[0][1] == expected


def test_a_word_that_has_its_own_time_stays_within_its_cue() -> None:
    inner = f"Some <{clock(1950)}>words"
    assert mended((0, 2000, inner), (2000, 4000, TEXT))[0][1] == 2000


def test_cues_are_put_in_order_and_comments_stay() -> None:
    text = (
        "WEBVTT Title\n\nSTYLE\n::cue { color: red }\n\nNOTE first\n\nb\n00:05.000 --> 00:07.000\n"
        "Later\n\nNOTE second\n\na\n00:01.000 --> 00:03.000 align:middle\nEarlier\n\nNOTE last\n"
    )
    found = lint.fix(text.encode(), "a.vtt", NETFLIX).text
    assert found == (
        "WEBVTT Title\n\nSTYLE\n::cue { color: red }\n\nNOTE first\n\na\n"
        "00:00:01.000 --> 00:00:03.000 align:center\nEarlier\n\nNOTE second\n\nb\n"
        "00:00:05.000 --> 00:00:07.000\nLater\n\nNOTE last\n"
    )
    assert breaches(found) == ()


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("Tom & Jerry &amp; Spike", "Tom &amp; Jerry &amp; Spike"),
        ("1 < 2 <3", "1 &lt; 2 &lt;3"),
        ('<font color="red">Red</font>', "Red"),
        ("<i>one", "<i>one</i>"),
        ("one</i>", "one"),
        ("<b><i>one</b> two", "<b><i>one</i></b> two"),
        ("<v Fred>one", "<v Fred>one"),
        ("a --> b", "a --&gt; b"),
        ("a\0b", "a\ufffdb"),
        ("<c.red>x</c> <00:00:01.500>y", "<c.red>x</c> <00:00:01.500>y"),
    ],
)
def test_the_grammar_is_mended_where_there_is_one_way_to(payload: str, expected: str) -> None:
    data = f"WEBVTT\n00:01.000 --> 00:02.000\n{payload}".encode()
    found = lint.fix(data, "a.vtt", NETFLIX).text
    assert found == f"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n{expected}\n"
    assert breaches(found) == ()


def test_identifiers_become_unlike() -> None:
    text = "WEBVTT\n\n" + "".join(f"x\n0{k}:00.000 --> 0{k}:02.000\nA\n\n" for k in range(3))
    found = lint.fix(text.encode(), "a.vtt", NETFLIX).text
    assert [c.identifier for c in webvtt.from_string(found, strict=True).captions] == [
        "x",
        "x-2",
        "x-3",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks_stay(end: str, mark: str) -> None:
    text = mark + file((0, 2000, TEXT), (2200, 4000, TEXT)).decode().replace("\n", end)
    found = lint.fix(text.encode(), "a.vtt", NETFLIX).text
    assert (
        found
        == text.rstrip("\r\n")
        .replace("02.000 -->", "02.000 -->", 1)
        .replace("00:00:02.000", "00:00:02.120")
        + end
    )


def test_subrip_is_mended_too() -> None:
    text = (
        f"7\n0:00:01.2 --> 0:00:03,500 \n{LONG}\n\nmore\n\n1\n00:00:00,000 --> 00:00:01,000\nHm.\n"
    )
    found = lint.fix(text.encode(), "a.srt", NETFLIX).text
    assert found == (
        "1\n00:00:00,000 --> 00:00:01,120\nHm.\n\n2\n00:00:01,200 --> 00:00:03,700\n"
        "This line has more than\nforty-two characters. more\n"
    )
    assert not lint.inspect(found.encode(), "a.srt", NETFLIX).broken()


def test_ttml_is_checked_only() -> None:
    with pytest.raises(BadSource, match=r"nothing is written: TTML files are checked only"):
        lint.fix(b"<tt><p>", "a.ttml", NETFLIX)


CUES = st.lists(
    st.tuples(
        st.integers(0, 20_000),
        st.integers(-100, 8000),
        st.lists(st.sampled_from(["word", "and", "a", "longer-word,", "&amp;", "<i>x</i>", "水水"]),
                 min_size=1, max_size=24),
    ),
    max_size=8,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(CUES, st.sampled_from(list(PROFILES.values())))
def test_mending_makes_nothing_worse_and_no_word_or_in_time_another(
    made: list[tuple[int, int, list[str]]], profile: Profile
) -> None:
    data = file(*((start, max(0, start + length), " ".join(w)) for start, length, w in made))
    before = lint.inspect(data, "a.vtt", profile)
    text = lint.fix(data, "a.vtt", profile).text
    after = lint.inspect(text.encode(), "a.vtt", profile)
    for old, new in zip(before.rules, after.rules, strict=True):
        assert new.kept >= old.kept, old.rule
    assert len(after.breaches) <= len(before.breaches)
    assert _words(text.encode()) == _words(data)


def _words(data: bytes) -> list[tuple[int, str]]:
    from aligner.captions.lint.parse import read

    return sorted((c.start_ms, " ".join(" ".join(c.lines).split())) for c in read(data, "a").cues)
