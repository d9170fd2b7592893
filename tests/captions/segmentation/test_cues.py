"""Caption words -> Captions: nothing lost, no overlap, breaks where a reader wants them."""

import re
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner import languages
from aligner.captions.cell_width import cell_width
from aligner.captions.formats.vtt import render
from aligner.captions.profiles import PROFILES, Profile
from aligner.captions.segmentation import CueOptions, make_cues
from aligner.captions.segmentation.quotes import quoted
from aligner.captions.segmentation.tokens import make_tokens
from aligner.types import CaptionResult, Captions, CaptionWord, Cue, Origin

NETFLIX = PROFILES["netflix"]


def spoken(
    text: str, start: int = 0, ms_a_char: int = 65, pauses: dict[int, int] | None = None
) -> list[CaptionWord]:
    """A text said at an even pace; ``pauses`` gives the silence before the word of an index."""
    words: list[CaptionWord] = []
    at = start
    for k, part in enumerate(text.split()):
        at += (pauses or {}).get(k, 0)
        words.append(CaptionWord(part, at, at + len(part) * ms_a_char, "verified", 0.9, k))
        at = words[-1].end_ms + ms_a_char
    return words


def made(
    words: list[CaptionWord], duration_ms: int | None = None, language: str = "en"
) -> Captions:
    end = max((w.end_ms for w in words), default=0) + 5000
    return make_cues(tuple(words), language, NETFLIX, end if duration_ms is None else duration_ms)


def lines(captions: Captions) -> list[str]:
    """The cues as one string each, lines parted by a bar."""
    return ["|".join(cue.lines) for cue in captions.cues]


def bare(text: str) -> str:
    return "".join(text.split())


# ---------------------------------------------------------------- what holds for any words

ANY_TEXT = st.one_of(
    st.sampled_from(
        "the of and people said, water. Obama 15 km — “Yes.” -up --> <b> &amp;".split()
    ),
    st.text(min_size=0, max_size=12),
    st.text(alphabet="水的人民中国、。", min_size=1, max_size=4),
    st.text(alphabet="abcdé-/👩\u200d💻\u0301", min_size=30, max_size=200),
)
ORIGINS = st.sampled_from(["verified", "respelled", "spoken", "interpolated"])
ANY_WORDS = st.lists(
    st.builds(
        CaptionWord,
        text=ANY_TEXT,
        start_ms=st.integers(-100, 60_000),
        end_ms=st.integers(-100, 60_000),
        origin=ORIGINS,
        score=st.floats(0, 1),
        article_word=st.none() | st.integers(0, 200),
        space_before=st.booleans(),
    ),
    max_size=60,
)


def visible(text: str) -> bool:
    return any(c.isprintable() and not c.isspace() for c in text)


def shown(text: str) -> str:
    """A text without white space and control characters, as it must come out."""
    return bare("".join(c for c in text if not ("\0" <= c < " " or "\x7f" <= c < "\xa0")))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(words=ANY_WORDS, language=st.sampled_from(["en", "fr", "zh"]))
def test_every_word_comes_out_once_and_in_order(words: list[CaptionWord], language: str) -> None:
    captions = make_cues(tuple(words), language, NETFLIX, 60_000)
    text = "".join(line for cue in captions.cues for line in cue.lines)
    assert bare(text) == "".join(shown(w.text) for w in words if visible(w.text))
    assert captions.words == tuple(words)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(words=ANY_WORDS, language=st.sampled_from(["en", "ar", "ja"]))
def test_cues_keep_the_limits_whatever_comes(words: list[CaptionWord], language: str) -> None:
    cues = make_cues(tuple(words), language, NETFLIX, 60_000).cues
    for cue in cues:
        assert type(cue.start_ms) is int
        assert type(cue.end_ms) is int
        assert 0 <= cue.start_ms < cue.end_ms <= 60_000
        assert cue.end_ms - cue.start_ms <= NETFLIX.max_duration_ms
        assert 1 <= len(cue.lines) <= 2
        assert all(0 < cell_width(line) <= 42 and line == line.strip() for line in cue.lines)
    for before, after in pairwise(cues):
        gap = after.start_ms - before.end_ms
        assert gap == 0 or gap >= NETFLIX.min_gap_ms


PACED_WORDS = st.lists(
    st.tuples(
        st.sampled_from("the of and people said, water. Obama government because 15".split()),
        st.integers(60, 700),
        st.sampled_from([0, 0, 0, 0, 40, 350, 900, 2600]),
    ),
    min_size=1,
    max_size=60,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(paced=PACED_WORDS)
def test_cues_of_ordinary_speech_start_with_it(paced: list[tuple[str, int, int]]) -> None:
    words, at = [], 0
    for k, (text, length, pause) in enumerate(paced):
        at += pause
        words.append(CaptionWord(text, at, at + length, "verified", 0.9, k))
        at += length
    cues = made(words, at + 3000).cues
    starts = {w.start_ms for w in words}
    late = range(NETFLIX.late_ms + 1)
    assert all(any(cue.start_ms - by in starts for by in late) for cue in cues)
    first = 0
    for cue, after in zip(cues, [*cues[1:], None], strict=True):
        last = first + len(" ".join(cue.lines).split())
        inside = words[first:last]
        assert all(b.start_ms - a.end_ms <= 2000 for a, b in pairwise(inside))
        gap = NETFLIX.min_gap_ms
        room = (after.start_ms - gap if after else at + 3000) - cue.start_ms
        assert cue.end_ms - cue.start_ms >= min(NETFLIX.min_duration_ms, room)
        assert cue.end_ms >= inside[-1].end_ms - gap or room > 7000
        first = last


def test_no_words_make_no_cues() -> None:
    assert made([], 10_000) == Captions("en", (), ())


# ---------------------------------------------------------------- where the breaks fall


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good evening.", ["Good evening."]),
        (
            "The president said that the war would end soon.",
            ["The president said|that the war would end soon."],
        ),
        (
            "We met in the old town hall with members of the city council.",
            ["We met in the old town hall|with members of the city council."],
        ),
        (
            "It rained all of that day, and by evening the river had left its bed.",
            ["It rained all of that day,|and by evening the river had left its bed."],
        ),
        (
            "Nobody knew what had happened to Fatoumata Keita after that.",
            ["Nobody knew what had happened|to Fatoumata Keita after that."],
        ),
        (
            "He was asked for help by Mr. Smith of the U.S. Embassy.",
            ["He was asked for help|by Mr. Smith of the U.S. Embassy."],
        ),
        (
            "They met for the last time in Geneva on September 15 of that year.",
            ["They met for the last time|in Geneva on September 15 of that year."],
        ),
    ],
)
def test_breaks_fall_where_a_phrase_ends(text: str, expected: list[str]) -> None:
    assert lines(made(spoken(text))) == expected


def test_a_cue_ends_with_its_sentence() -> None:
    text = (
        "The minister resigned on Friday after a long debate in parliament. "
        "Her party has not said who will follow her in that office. "
        "Elections are due in the spring."
    )
    assert [line[-1] for line in lines(made(spoken(text)))] == ["."] * 3


def test_a_new_sentence_does_not_begin_at_a_cues_tail() -> None:
    text = "The road to the coast is open again. Trucks with food and medicine have left the port."
    first, *_ = lines(made(spoken(text)))
    assert first == "The road to the coast is open again."


def test_a_long_pause_ends_a_cue() -> None:
    words = spoken("we will see what they do next", pauses={3: 1200})
    assert lines(made(words)) == ["we will see", "what they do next"]


def test_no_cue_runs_across_a_silence() -> None:
    words = spoken("the of", pauses={1: 2600})
    assert lines(made(words)) == ["the", "of"]


def test_a_jump_in_the_article_ends_a_cue() -> None:
    words = spoken("people left the town and many came back later")
    jumped = [
        CaptionWord(w.text, w.start_ms, w.end_ms, w.origin, w.score, k if k < 4 else k + 50)
        for k, w in enumerate(words)
    ]
    assert lines(made(jumped))[0] == "people left the town"
    assert len(lines(made(words))) < len(lines(made(jumped)))


def test_a_slip_of_one_word_is_no_jump() -> None:
    words = spoken("people left the uh town on foot")
    slipped = [
        CaptionWord(w.text, w.start_ms, w.end_ms, w.origin, w.score, None if w.text == "uh" else k)
        for k, w in enumerate(words)
    ]
    assert lines(made(slipped)) == ["people left the uh town on foot"]


def test_a_word_wider_than_a_line_is_broken_within_its_cue() -> None:
    address = "https://www.example.org/news/2015/09/russia-and-assad/story.html"
    cues = made(spoken(f"See {address} today.")).cues
    holding = next(cue for cue in cues if "https" in "".join(cue.lines))
    assert bare("".join(holding.lines)).find(address) >= 0
    assert all(len(line) <= 42 for line in holding.lines)


def test_a_word_of_500_characters_keeps_the_limits() -> None:
    cues = made([CaptionWord("x" * 500, 0, 6000, "spoken", 0.5)]).cues
    assert "".join(line for cue in cues for line in cue.lines) == "x" * 500
    assert all(len(line) <= 42 for cue in cues for line in cue.lines)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((("中国", True), ("人民", False), ("。", False)), "中国人民。"),
        ((("build", True), ("-up", False)), "build-up"),
        ((("(", True), ("sic", False), (")", False)), "(sic)"),
        ((("مرحبا", True), ("COVID", True), ("بكم", True)), "مرحبا COVID بكم"),
    ],
)
def test_words_are_joined_as_their_script_writes_them(
    parts: tuple[tuple[str, bool], ...], expected: str
) -> None:
    words = [
        CaptionWord(text, k * 400, k * 400 + 400, "verified", 0.9, k, space_before=space)
        for k, (text, space) in enumerate(parts)
    ]
    assert lines(made(words, language="und")) == [expected]


def test_full_width_characters_take_two_cells() -> None:
    words = [
        CaptionWord("水", k * 250, k * 250 + 250, "spoken", 0.9, space_before=False)
        for k in range(60)
    ]
    assert max(len(line) for cue in made(words, language="zh").cues for line in cue.lines) == 16


def test_lone_punctuation_stays_with_its_word() -> None:
    text = "one two three four five six seven eight nine ten elevens twelve thirteens fourteen"
    with_marks = " — ".join(text.split())
    for cue in made(spoken(with_marks)).cues:
        assert all(not line.startswith("—") for line in cue.lines)


# ---------------------------------------------------------------- times


def only(cues: tuple[Cue, ...]) -> Cue:
    assert len(cues) == 1
    return cues[0]


def word(text: str, start: int, end: int, origin: Origin = "verified") -> CaptionWord:
    return CaptionWord(text, start, end, origin, 0.9, None)


def test_a_short_cue_is_held_for_the_least_duration() -> None:
    cue = only(made([word("Yes.", 1000, 1200)], 9000).cues)
    assert (cue.start_ms, cue.end_ms) == (1000, 1834)


def test_a_cue_is_held_until_it_can_be_read() -> None:
    text = "Approximately thirty-seven representatives"  # 42 characters: 2.1 s at 20 a second
    words = [word(part, k * 200, k * 200 + 200) for k, part in enumerate(text.split())]
    assert only(made(words, 9000).cues).end_ms == 2100


def test_a_cue_never_lasts_past_the_recording() -> None:
    assert only(made([word("Yes.", 1000, 1200)], 1300).cues).end_ms == 1300


@pytest.mark.parametrize(
    ("silence", "gap"),
    [(0, 80), (40, 80), (120, 80), (480, 80), (560, 560), (1500, 1500)],
)
def test_small_gaps_close_to_two_frames(silence: int, gap: int) -> None:
    before = spoken("The minister resigned on Friday after a long debate in parliament.")
    after = spoken(
        "Nobody has yet said who will follow her in that office.", before[-1].end_ms + silence
    )
    first, second = made([*before, *after]).cues
    assert second.start_ms == after[0].start_ms
    assert second.start_ms - first.end_ms == gap


def test_a_cue_comes_a_little_late_where_the_one_before_would_last_too_short() -> None:
    before = [word("Yes.", 0, 850)]
    full = "Nobody has said who will now follow her in that high office, nor when it will be."
    first, second = made([*before, *spoken(full, 850)]).cues
    assert (first.lines, first.start_ms, first.end_ms) == (("Yes.",), 0, 834)
    assert second.start_ms == 834 + NETFLIX.min_gap_ms


def test_a_cue_comes_a_little_late_where_the_one_before_could_not_be_read() -> None:
    before = spoken("Approximately thirty-six representatives.", ms_a_char=48)  # 41 characters
    after = spoken("Nobody has said who will follow her.", before[-1].end_ms + 48)
    first, second = made([*before, *after]).cues
    assert first.end_ms == 2050
    assert second.start_ms == 2130 == after[0].start_ms + 114


def test_a_word_of_ten_minutes_is_shown_for_the_greatest_duration() -> None:
    cue = only(made([word("Aaah", 0, 600_000)], 600_000).cues)
    assert cue.end_ms == NETFLIX.max_duration_ms


def test_speed_that_the_speaker_forces_drops_no_word() -> None:
    text = "They had barely finished when everything began again at twice the speed of before"
    captions = made(spoken(text, ms_a_char=20), 1700)
    assert " ".join(lines(captions)).replace("|", " ") == text


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        (("verified", "verified"), "verified"),
        (("verified", "respelled"), "respelled"),
        (("interpolated", "respelled"), "interpolated"),
        (("interpolated", "spoken"), "spoken"),
    ],
)
def test_a_cue_is_as_sure_as_its_least_sure_word(
    origins: tuple[Origin, Origin], expected: Origin
) -> None:
    words = [word("Good", 0, 300, origins[0]), word("day.", 300, 700, origins[1])]
    assert only(made(words).cues).origin == expected


# ---------------------------------------------------------------- what comes from strangers


@pytest.mark.parametrize(
    "text",
    [
        "a --> b",
        "<b>bold</b>",
        "AT&amp;T & co",
        "nul\0 byte",
        "half \ud83d a pair",
        "👩\u200d💻 and 👨\u200d👩\u200d👧",
        "قال Obama إن COVID-19",
        "x" * 500,
        "WEBVTT",
        "NOTE",
        "line\n\nbreak",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("times", [(0, 1000), (1000, 1000), (1000, 0), (0, 600_000)], ids=str)
def test_a_file_of_it_is_valid(text: str, times: tuple[int, int]) -> None:
    words = (CaptionWord("Then", *times, "spoken", 0.5), CaptionWord(text, *times, "spoken", 0.5))
    captions = make_cues(words, "en", NETFLIX, 600_000)
    file = render(CaptionResult("captioned", "", "x", captions=captions))  # raises if it is not
    assert file.count("-->") == len(captions.cues) > 0


# ---------------------------------------------------------------- size


@pytest.mark.slow
def test_time_grows_with_the_words() -> None:
    text = "the people said that water of Mali was not in the report, however. " * 750

    def seconds(words: list[CaptionWord]) -> float:
        began = time.thread_time()
        made(words)
        return time.thread_time() - began

    words = spoken(text)
    quarter, whole = seconds(words[: len(words) // 4]), seconds(words)
    assert whole < 8 * quarter + 0.5


def test_another_profile_is_obeyed() -> None:
    narrow = Profile("narrow", 20, 3, 20.0, 833, 7000)
    words = tuple(spoken("people who fled to roofs are learning what is left"))
    cues = make_cues(words, "en", narrow, 20_000).cues
    assert max(len(cue.lines) for cue in cues) == 3
    assert all(len(line) <= 20 for cue in cues for line in cue.lines)


# ---------------------------------------------------------------- what else is known


def test_a_new_speaker_begins_a_cue_with_a_dash() -> None:
    words = spoken("Are you well? Very well. Thank you. Good.", ms_a_char=90)
    voices = ["a", "a", "a", "b", "b", None, None, "a"]
    said = [replace(w, speaker=v) for w, v in zip(words, voices, strict=True)]
    assert lines(made(said)) == ["Are you well?", "-Very well.", "Thank you.", "-Good."]
    assert lines(made(words)) != lines(made(said))


def test_a_mark_for_a_new_speaker_begins_a_cue() -> None:
    assert lines(made(spoken("You see >> Yes I do", ms_a_char=120))) == ["You see", ">> Yes I do"]


def test_a_paragraph_ends_a_cue() -> None:
    words = tuple(spoken("people left the town and many came back later"))
    options = CueOptions(paragraphs=frozenset({4}))
    cues = make_cues(words, "en", NETFLIX, 20_000, options).cues
    assert cues[0].lines == ("people left the town",)


def test_a_quotation_that_fits_stays_in_one_cue() -> None:
    text = (
        "The head of the national weather service told everybody here that “it is far too early, "
        "and far too late” and left."
    )
    cues = lines(made(spoken(text)))
    assert any("“it is far too early" in cue and "too late”" in cue for cue in cues)


@pytest.mark.parametrize(
    ("texts", "inside"),
    [
        ("he said “not now” again", [0, 0, 1, 0]),
        ("a “b c d” e", [0, 1, 1, 0]),
        ("“never closed at all", [0, 0, 0]),
        ("« oui »", [1, 1]),
        ('"so" it "goes on"', [0, 0, 1]),
        ("it’s the dogs’ bone", [0, 0, 0]),
        ("one", []),
    ],
)
def test_where_quotations_are(texts: str, inside: list[int]) -> None:
    pieces = make_tokens(spoken(texts), 42, 60_000)
    assert quoted(pieces, 84) == [bool(k) for k in inside]


def test_a_quotation_longer_than_a_cue_is_none() -> None:
    pieces = make_tokens(spoken("“" + "many words " * 20 + "here”"), 42, 60_000)
    assert not any(quoted(pieces, 84))


def test_right_to_left_text_keeps_its_order() -> None:
    text = "قال الرئيس Barack Obama إن الاتفاق مع COVID-19 جديد"
    assert " ".join(" ".join(c.lines) for c in made(spoken(text), language="ar").cues) == text


@pytest.mark.parametrize("name", list(PROFILES))
def test_every_profile_is_kept(name: str) -> None:
    profile = PROFILES[name]
    text = (
        "The minister resigned on Friday after a long debate in parliament, her party said. " * 20
    )
    words = tuple(spoken(text, ms_a_char=75))
    cues = make_cues(words, "en", profile, words[-1].end_ms + 9000).cues
    assert all(cell_width(line) <= profile.max_line_chars for c in cues for line in c.lines)
    lasts = [c.end_ms - c.start_ms for c in cues]
    assert profile.min_duration_ms <= min(lasts)
    assert max(lasts) <= profile.max_duration_ms
    for before, after in pairwise(cues):
        gap = after.start_ms - before.end_ms
        assert gap == profile.min_gap_ms or gap >= profile.chain_ms


def test_a_cue_does_not_linger_longer_than_the_profile_allows() -> None:
    words = [word(part, k * 100, k * 100 + 100) for k, part in enumerate("a b c d e f g h".split())]
    cue = only(make_cues(tuple(words), "en", PROFILES["bbc"], 60_000).cues)
    assert cue.end_ms == 800 + 1500


def test_lines_of_japanese_never_end_inside_a_number_with_its_counter() -> None:
    text = (
        "政府は2024年9月15日に2億5000万円の支援を決め被災した35万人に毛布を配り"
        "第3回の会議を12月3日の午後5時30分から40キロ離れた町で開くと発表した"
    )
    split = languages.get("ja").split(text * 4)
    words = spoken(" ".join(word.text for word in split), ms_a_char=150)
    words = [replace(word, space_before=False) for word in words]
    shown = "|".join(lines(made(words, language="ja")))
    assert shown.count("|") > 10
    number = "[0-9万億]"
    assert not re.findall(f"{number}[|]|第[|]|{number}[年月時][|][0-9]", shown)
