"""Formats that say who speaks: each names the voice of a cue in its own way."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from xml.etree import ElementTree

import pysubs2
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from aligner.captions.formats import FORMATS, PLAIN
from aligner.captions.formats.vtt_check import breaches
from aligner.captions.profiles import DCMP, NETFLIX, Profile
from aligner.captions.segmentation import CueOptions, make_cues
from aligner.types import CaptionResult, Captions, CaptionWord, MediaLink, Voice

HALE = Voice("1", "Peter Hale", "Peter Hale", ("says so",))
ODD = Voice("2", "A <b> & {c}, d")
SECOND = Voice("2", "Speaker 2")
TURNS = (("1", "Is it going well now?"), ("2", "Yes it is."), ("1", "Then we are done here."))


def said() -> tuple[CaptionWord, ...]:
    """The words of TURNS, half a second each; a turn begins a second after the one before."""
    words, at = [], 0
    for speaker, text in TURNS:
        for word in text.split():
            words.append(CaptionWord(word, at, at + 400, "spoken", 1, speaker=speaker))
            at += 500
        at += 1000
    return tuple(words)


def result(*voices: Voice, profile: Profile = NETFLIX) -> CaptionResult:
    captions = make_cues(said(), "en", profile, 60_000, CueOptions(voices=voices))
    media = MediaLink("https://example.org/talk.mp3", "audio", "given")
    return CaptionResult("captioned", "", "x", media=media, captions=captions)


def written(kind: str, *voices: Voice) -> str:
    return FORMATS[kind].render(result(*voices), PLAIN)


@pytest.mark.parametrize(
    ("profile", "voices", "labels"),
    [
        (NETFLIX, (), ("", "-", "-")),
        (NETFLIX, (HALE, SECOND), ("[Peter Hale] ", "-", "[Peter Hale] ")),
        (DCMP, (HALE, SECOND), ("(Peter Hale) ", "(speaker 2) ", "(Peter Hale) ")),
    ],
)
def test_a_turn_begins_as_the_standard_says(
    profile: Profile, voices: tuple[Voice, ...], labels: tuple[str, ...]
) -> None:
    captions = result(*voices, profile=profile).captions
    assert captions is not None
    assert all(len(line) <= profile.max_line_chars for c in captions.cues for line in c.lines)
    assert [" ".join(cue.lines) for cue in captions.cues] == [
        label + text for label, (_, text) in zip(labels, TURNS, strict=True)
    ]


LONG_NAME = Voice(
    "2", "A. Very-Long Name Of A Person Indeed", "A. Very-Long Name Of A Person Indeed"
)


def test_dcmp_has_a_label_on_a_line_of_its_own() -> None:
    captions = result(HALE, SECOND, profile=DCMP).captions
    assert captions is not None
    assert [cue.lines for cue in captions.cues] == [
        ("(Peter Hale)", "Is it going well now?"),
        ("(speaker 2)", "Yes it is."),
        ("(Peter Hale)", "Then we are done here."),
    ]
    assert [cue.start_ms for cue in captions.cues] == [0, 3500, 6000]


@pytest.mark.parametrize(
    ("profile", "second"),
    [(replace(DCMP, max_lines=1), SECOND), (DCMP, LONG_NAME)],
    ids=["cues of one line", "a name wider than a line"],
)
def test_a_label_without_room_for_a_line_stands_before_the_words(
    profile: Profile, second: Voice
) -> None:
    captions = result(HALE, second, profile=profile).captions
    assert captions is not None
    shown = " ".join(line for cue in captions.cues for line in cue.lines)
    assert f"({second.name or 'speaker 2'}) Yes it is." in shown
    assert all(len(cue.lines) <= profile.max_lines for cue in captions.cues)


@given(
    turns=st.lists(
        st.tuples(st.sampled_from("12"), st.lists(st.text("abc.", min_size=1, max_size=40))),
        max_size=12,
    ),
    gap=st.integers(1, 3000),
)
@settings(max_examples=60, deadline=None)
def test_labels_keep_the_limits_and_never_stand_alone(
    turns: list[tuple[str, list[str]]], gap: int
) -> None:
    texts = [(who, text) for who, said_by in turns for text in said_by]
    words = tuple(
        CaptionWord(text, k * gap, (k + 1) * gap, "spoken", 1, speaker=who)
        for k, (who, text) in enumerate(texts)
    )
    options = CueOptions(voices=(HALE, SECOND))
    cues = make_cues(words, "en", DCMP, 200_000, options).cues
    labels = {"(Peter Hale)", "(speaker 2)"}
    assert all(len(line) <= DCMP.max_line_chars for cue in cues for line in cue.lines)
    assert all(len(cue.lines) <= DCMP.max_lines for cue in cues)
    assert all(len(cue.lines) > 1 for cue in cues if cue.lines[0] in labels)
    changes = [who for who, _ in groupby(texts, key=lambda pair: pair[0])]
    assert [cue.lines[0] for cue in cues if cue.lines[0] in labels] == [
        "(Peter Hale)" if who == "1" else "(speaker 2)" for who in changes
    ]
    kept = "".join(line for cue in cues for line in cue.lines if line not in labels)
    assert kept.replace(" ", "") == "".join(text for _, text in texts)


@pytest.mark.parametrize("voice", [SECOND, ODD])
def test_webvtt_has_a_voice_in_every_cue(voice: Voice) -> None:
    text = written("vtt", HALE, voice)
    assert not breaches(text)
    read = webvtt.from_string(text).captions
    assert [caption.voice for caption in read[::2]] == ["Peter Hale"] * 2
    assert read[1].raw_text.startswith("<v ")
    assert "<v" not in written("vtt")


def test_ttml_refers_to_an_agent_in_every_cue() -> None:
    tree = ElementTree.fromstring(written("ttml", HALE, ODD))  # noqa: S314  our own text
    meta, ns = "{http://www.w3.org/ns/ttml#metadata}", "{http://www.w3.org/ns/ttml}"
    names = {
        agent.get("{http://www.w3.org/XML/1998/namespace}id"): agent[0].text
        for agent in tree.iter(f"{meta}agent")
    }
    assert [names[p.get(f"{meta}agent")] for p in tree.iter(f"{ns}p")] == [
        "Peter Hale", "A <b> & {c}, d", "Peter Hale",
    ]  # fmt: skip
    assert "agent" not in written("ttml")


def colours_in_ttml(captions: Captions) -> list[str | None]:
    """The colour of each cue's text, as its styles define it."""
    outcome = replace(result(), captions=captions)
    tree = ElementTree.fromstring(FORMATS["ttml"].render(outcome, PLAIN))  # noqa: S314  our own
    ns, tts = "{http://www.w3.org/ns/ttml}", "{http://www.w3.org/ns/ttml#styling}"
    defined = {
        style.get("{http://www.w3.org/XML/1998/namespace}id"): style.get(f"{tts}color")
        for style in tree.iter(f"{ns}style")
    }
    return [defined[(span.get("style") or "").split()[-1]] for span in tree.iter(f"{ns}span")]


def test_ttml_shows_each_voice_in_a_colour_of_its_own() -> None:
    """BBC: white, yellow, cyan, green; further speakers share white."""
    voices = tuple(Voice(str(k), f"Speaker {k}") for k in range(1, 7))
    words = tuple(
        CaptionWord("Yes.", k * 3000, k * 3000 + 900, "spoken", 1, speaker=who)
        for k, who in enumerate(["1", "2", "3", "4", "5", "6", "2", None])
    )
    cues = make_cues(words, "en", NETFLIX, 60_000, CueOptions(voices=voices))
    white, yellow, cyan, green = "#ffffff", "#ffff00", "#00ffff", "#00ff00"
    assert colours_in_ttml(cues) == [white, yellow, cyan, green, white, white, yellow, white]


def test_ttml_has_no_colours_where_voices_are_not_told_apart() -> None:
    assert "yellow" not in written("ttml")
    assert written("ttml", HALE).count("tts:color") == 1


def test_ass_names_the_actor() -> None:
    read = pysubs2.SSAFile.from_string(written("ass", HALE, ODD))
    assert [event.name for event in read] == ["Peter Hale", "A <b> & ｛c｝  d", "Peter Hale"]
    assert {event.name for event in pysubs2.SSAFile.from_string(written("ass"))} == {""}


def test_the_transcript_names_who_speaks_where_that_changes() -> None:
    assert written("txt", HALE, SECOND).split("\n\n") == [
        "Peter Hale: Is it going well now?", "Speaker 2: Yes it is.",
        "Peter Hale: Then we are done here.\n",
    ]  # fmt: skip


def test_rttm_has_a_line_for_each_turn() -> None:
    assert written("rttm", HALE, SECOND).splitlines() == [
        "SPEAKER talk 1 0.000 2.400 <NA> <NA> Peter_Hale <NA> <NA>",
        "SPEAKER talk 1 3.500 1.400 <NA> <NA> Speaker_2 <NA> <NA>",
        "SPEAKER talk 1 6.000 2.400 <NA> <NA> Peter_Hale <NA> <NA>",
    ]
    assert written("rttm") == ""
