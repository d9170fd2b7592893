"""What an audit finds, with words that were synthesised and captions that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from test_retime import CUES, SPACING_MS, heard, late, onset, spoken_words

from aligner.pipeline.audit.as_json import audit_json
from aligner.pipeline.audit.findings import AuditResult
from aligner.pipeline.audit.judge import judged
from aligner.types import Article, Paragraph, Span, SpeechSegments, Word

NAMED = (
    "The bridge was opened by Maria Alvarez",
    "who had waited for it since 1998.",
    "It did not cost more than planned,",
    "said the minister of roads in Lima.",
)
ARTICLE = Article(None, None, "en", (Paragraph(" ".join(NAMED)),))


def audited(
    lines: Sequence[str],
    shown: Sequence[Span] | None = None,
    words: Sequence[Word] | None = None,
    article: Article | None = None,
    spoken: Sequence[str] = CUES,
) -> AuditResult:
    """Audit captions; wordings that are not spoken get a score at which the sound denies them."""
    given = spoken_words(spoken) if words is None else words
    said = " ".join(spoken).casefold()

    def score(_passage: Span, wording: str) -> float:
        return 0.0 if wording.casefold() in said else -300.0

    speech = SpeechSegments(tuple(Span(w.start_ms, w.end_ms) for w in given))
    found = replace(heard(lines, given), score=score, speech=speech)
    times = late(0, len(lines)) if shown is None else shown
    return judged(AuditResult("x.vtt", "x.mp3", "error", ""), found, times, article)


@pytest.mark.parametrize(
    ("shown", "verdict"),
    [
        (late(0), "good"),
        (late(150), "good"),
        (late(2_000), "late"),
        (late(-800), "late"),
        ([Span(round(s.start * 1.1), round(s.end * 1.1)) for s in late(0)], "drifting"),
        ([*late(0)[:4], *late(30_000)[4:]], "drifting"),
    ],
)
def test_the_verdict_on_times(shown: list[Span], verdict: str) -> None:
    assert audited(CUES, shown).verdict == verdict


def test_right_captions_have_no_findings() -> None:
    found = audited(CUES)
    assert (found.errors, found.uncaptioned, found.silent, found.differences) == ((), (), (), ())
    assert found.words
    assert found.words.accuracy == 1
    assert found.words.error == 0


def test_speech_without_captions_is_told_with_its_time() -> None:
    found = audited([*CUES[:3], *CUES[5:]], [*late(0)[:3], *late(0)[5:]])
    assert found.verdict == "incomplete"
    assert [(s.start, s.end) for s in found.uncaptioned] == [
        (onset(3), onset(4) + 7 * 300 - 20)
    ]  # fmt: skip
    assert found.errors == ()


@pytest.mark.parametrize("captioned", [0, 1])
def test_what_is_said_twice_and_captioned_once_lacks_captions(captioned: int) -> None:
    said = [*CUES, *CUES]
    kept = [*range(8), *range(10, 16)] if captioned == 0 else [*range(2), *range(4, 16)]
    found = audited([said[k] for k in kept], [late(0, 16)[k] for k in kept], spoken=said)
    gone = [onset(8), onset(2)][captioned]
    assert [span.start for span in found.uncaptioned] == [gone]


def test_a_file_for_half_of_the_recording_is_incomplete() -> None:
    found = audited(CUES[:4])
    assert found.verdict == "incomplete"
    assert found.uncaptioned[0].start == onset(4)


def test_captions_where_nobody_speaks_are_told() -> None:
    lines = [*CUES[:4], "Nothing of this is ever said here", *CUES[4:]]
    words = [
        replace(word, start_ms=word.start_ms + late_ms, end_ms=word.end_ms + late_ms)
        for word in spoken_words()
        for late_ms in [SPACING_MS if word.start_ms >= onset(4) else 0]
    ]
    found = audited(lines, words=words)
    assert [(one.cue, one.start_ms) for one in found.silent] == [(5, onset(4))]


@pytest.mark.parametrize(
    ("cue", "old", "new", "kind", "matter"),
    [
        (1, "two", "three", "wrong", "number"),
        (3, "far", "near", "wrong", None),
        (5, "no longer", "still", "wrong", None),
        (2, "before", "soon before", "added", None),
    ],
)
def test_words_that_the_sound_denies_are_wrong(
    cue: int, old: str, new: str, kind: str, matter: str | None
) -> None:
    lines = [*CUES]
    lines[cue] = lines[cue].replace(old, new)
    found = [e for e in audited(lines).errors if e.is_sure]
    assert [(e.kind, e.cue) for e in found] == [(kind, cue + 1)]
    if matter:
        assert found[0].matter == matter


def test_words_that_the_sound_allows_are_not_charged() -> None:
    """The recogniser hears "Farmers"; the captions' word fits the sound."""
    words = [replace(w, text="Farmers") if w.text == "Villagers" else w for w in spoken_words()]
    found = audited(CUES, words=words)
    assert [(e.captions, e.is_sure) for e in found.errors] == [("Villagers", False)]
    assert found.words
    assert found.words.error == 0
    assert found.verdict == "good"


def test_hesitations_are_left_out() -> None:
    words = spoken_words()
    words.insert(3, Word("uh,", words[2].end_ms, words[2].end_ms + 10, 0.9))
    assert audited(CUES, words=words).errors == ()


@pytest.mark.parametrize(
    ("cue", "old", "new", "matter"),
    [
        (0, "Alvarez", "Gomez", "name"),
        (1, "1998", "1989", "number"),
        (2, "not", "now", "negation"),
        (3, "Lima", "Quito", "name"),
    ],
)
def test_names_numbers_and_negations_are_compared_with_the_article(
    cue: int, old: str, new: str, matter: str
) -> None:
    lines = [*NAMED]
    lines[cue] = lines[cue].replace(old, new)
    found = audited(lines, article=ARTICLE, spoken=NAMED)
    assert [(d.matter, d.cue, d.is_sure) for d in found.differences] == [(matter, cue + 1, True)]
    assert found.verdict == "inaccurate"


def test_what_the_speaker_says_otherwise_than_the_article_is_not_charged() -> None:
    said = [line.replace("1998", "1989") for line in NAMED]
    found = audited(said, article=ARTICLE, spoken=said)
    assert found.differences == ()
    assert found.verdict == "good"


def test_a_second_language_in_each_cue_is_added() -> None:
    french = ("le ministre a dit lundi", "que deux ponts seraient construits") * 4
    lines = [f"{one} {other}" for one, other in zip(CUES, french, strict=True)]
    found = audited(lines)
    assert found.clock
    assert abs(found.clock.offset_ms(onset(3))) <= 40
    assert found.uncaptioned == ()
    assert {e.kind for e in found.errors} == {"added"}


@pytest.mark.slow
def test_thirty_thousand_cues_in_three_hours() -> None:
    lines = [f"w{k}x{k % 7}" for k in range(30_000)]
    words = [Word(text, k * 360, k * 360 + 300, 0.9) for k, text in enumerate(lines)]
    shown = [Span(k * 360 + 5_000, k * 360 + 5_300) for k in range(30_000)]
    found = audited(lines, shown, words, spoken=lines[:10])
    assert found.verdict == "late"
    assert found.clock
    assert found.clock.offset_ms(5_000) == -5_000


def test_the_json_object_has_all_findings() -> None:
    lines = [CUES[0].replace("Monday", "Tuesday"), *CUES[1:5]]
    made = audit_json(audited(lines, late(2_000, 5)))
    assert made["schema"] == "aligner-audit/1"
    assert made["verdict"] == "late"
    assert made["clock"]["offset_at_start_ms"] == -2_000
    assert made["uncaptioned_ms"] > 2_000
    assert made["words"]["wrong"] == 1
    assert made["errors"][0]["captions"] == "Tuesday"
