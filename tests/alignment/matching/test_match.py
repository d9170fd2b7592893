"""Article + Transcript -> Alignment: the words to show, and what is reported."""

from collections.abc import Sequence

import pytest

from aligner.alignment import matching
from aligner.types import Alignment, Article, EngineInfo, Paragraph, Transcript, Word


def heard(text: str, score: float = 0.9) -> Transcript:
    """A transcript with a word every 400 ms."""
    words = [Word(w, k * 400, k * 400 + 350, score) for k, w in enumerate(text.split())]
    return Transcript("en", tuple(words), EngineInfo("recorded", "test"))


def article(*paragraphs: str | Paragraph) -> Article:
    made = [p if isinstance(p, Paragraph) else Paragraph(p) for p in paragraphs]
    return Article(None, None, "en", tuple(made))


def shown(alignment: Alignment) -> str:
    return " ".join(w.text for w in alignment.words)


def origins(alignment: Alignment) -> str:
    return "".join(w.origin[0] for w in alignment.words)


FRAME = ("They said in the capital that {} was ready for the long winter ahead.",)


@pytest.mark.parametrize(
    ("written", "spoken", "result", "marks"),
    [
        ("250,000", "250,000", "250,000", "v"),
        ("250,000", "two hundred and fifty thousand", "250,000", "r"),
        ("Sergei Lavrov", "Sergey Lavroff", "Sergei Lavrov", "rr"),
        ("build-up", "buildup", "build-up", "r"),
        ("cease fire", "ceasefire", "cease fire", "rr"),
        ("$4.7 billion", "4.7 billion dollars", "$4.7 billion", "rr"),
        ("the U.N.", "the UN", "the U.N.", "vv"),
        ("Dr. Boateng", "Doctor Boateng", "Dr. Boateng", "rv"),
        # what is said is never changed
        ("50", "15", "15", "s"),
        ("50", "fifteen", "fifteen", "s"),
        ("1.3", "1.5", "1.5", "s"),
        ("he can", "he can't", "he can't", "vs"),
        ("no one", "one", "one", None),
        ("agreed", "agree", "agree", "s"),
        ("a farmer", "somebody else", "somebody else", "ss"),
    ],
)
def test_the_publishers_spelling_replaces_the_recognisers(
    written: str, spoken: str, result: str, marks: str | None
) -> None:
    frame = FRAME[0]
    found = matching.align(article(frame.format(written)), heard(frame.format(spoken)))
    assert shown(found) == frame.format(result)
    if marks is not None:
        assert origins(found) == "vvvvvv" + marks + "vvvvvvv"


def test_differences_are_reported_as_divergence() -> None:
    frame = FRAME[0]
    found = matching.align(article(frame.format("50")), heard(frame.format("15")))
    changed = [d for d in found.divergence if d.kind == "changed"]
    assert [(d.text, d.article and (d.article.start, d.article.end)) for d in changed] == [
        ("15", (6, 7))
    ]
    assert (changed[0].start_ms, changed[0].end_ms) == (2400, 2750)


ONE = "Russia is expanding its military support for the regime of the Syrian president."
TWO = "Secretary of State John Kerry called the Russian foreign minister on Tuesday."
THREE = "Villagers interviewed by reporters were far more cautious about the whole plan."


def test_unspoken_paragraphs_are_never_shown() -> None:
    found = matching.align(article(ONE, TWO, THREE), heard(f"{ONE} {THREE}"))
    assert shown(found) == f"{ONE} {THREE}"
    assert [d.text for d in found.divergence] == [TWO]
    assert found.coverage.speech_in_article == 1.0
    assert found.coverage.article_in_speech == pytest.approx(25 / 37, abs=0.03)


def test_unwritten_speech_is_kept_as_spoken() -> None:
    intro = "Next an editorial reflecting the views of our government"
    found = matching.align(article(ONE, TWO), heard(f"{intro} {ONE} {TWO}"))
    assert shown(found) == f"{intro} {ONE} {TWO}"
    assert origins(found) == "s" * 9 + "v" * 25
    assert [(d.kind, d.start_ms) for d in found.divergence] == [("extra_speech", 0)]


def test_reordered_and_repeated_paragraphs_are_matched() -> None:
    found = matching.align(article(ONE, TWO, THREE), heard(f"{TWO} {ONE} {THREE} {THREE}"))
    assert shown(found) == f"{TWO} {ONE} {THREE} {THREE}"
    assert set(origins(found)) == {"v"}


def test_photo_captions_are_not_matched_and_keep_their_count() -> None:
    caption = Paragraph("A photo of Russian officials smiling in Moscow", "caption")
    found = matching.align(article(caption, ONE), heard(ONE))
    assert [w.article_word for w in found.words] == list(range(8, 21))
    assert found.coverage.article_in_speech == 1.0
    assert not found.divergence


def test_a_dash_has_no_sound() -> None:
    found = matching.align(
        article("OSLO — The ship came home at last"), heard("The ship came home at last")
    )
    assert shown(found) == "The ship came home at last"
    assert [w.article_word for w in found.words] == [2, 3, 4, 5, 6, 7]


def test_a_dash_between_read_words_is_shown() -> None:
    text = "The ship — a ferry – came home at last"
    found = matching.align(article(text), heard(text.replace(" —", "").replace(" –", "")))
    assert shown(found) == text
    assert [w.text for w in found.words][1:4] == ["ship —", "a", "ferry –"]
    assert [w.article_word for w in found.words] == [0, 1, 3, 4, 6, 7, 8, 9]


def test_a_dash_that_opens_a_paragraph_is_not_added_to_the_last_word() -> None:
    found = matching.align(article(ONE, f"– {TWO}"), heard(f"{ONE} {TWO}"))
    assert shown(found) == f"{ONE} {TWO}"


def test_times_follow_the_speech() -> None:
    text = "The price was $4.7 billion in all."
    found = matching.align(article(text), heard("The price was 4.7 billion dollars in all."))
    assert [(w.text, w.start_ms, w.end_ms) for w in found.words][3:6] == [
        ("$4.7", 1200, 1550),
        ("billion", 1600, 2350),
        ("in", 2400, 2750),
    ]


def times_of(words: Sequence[object]) -> list[int]:
    return [w.start_ms for w in words]  # type: ignore[attr-defined]


def test_one_word_heard_for_two_printed_shares_its_time() -> None:
    found = matching.align(
        article("They signed the cease fire today at noon"),
        heard("They signed the ceasefire today at noon"),
    )
    spans = [(w.start_ms, w.end_ms) for w in found.words]
    assert spans[3][0] == 1200
    assert spans[4][1] == 1550
    assert spans[3][1] == spans[4][0]
    assert times_of(found.words) == sorted(times_of(found.words))


def test_another_report_on_a_like_subject_is_refused() -> None:
    strike = (
        "Dockworkers at the port of Rotterdam ended a strike on Friday after the union and the "
        "employers agreed on a pay rise of four percent over two years."
    )
    other = (
        "Bus drivers in the north of the country began a strike on Monday because the company "
        "and the union could not agree on pay, and thousands of people had to walk to work."
    )
    found = matching.align(article(strike), heard(other))
    assert not matching.is_same_story(found)
    assert matching.is_same_story(matching.align(article(strike), heard(strike)))


def test_without_an_article_all_words_are_spoken() -> None:
    found = matching.unaligned(heard("nobody wrote this"))
    assert origins(found) == "sss"
    assert found.coverage.speech_in_article == 0
    assert not matching.is_same_story(found)


def test_without_speech_nothing_is_shown() -> None:
    found = matching.align(article(ONE), heard(""))
    assert found.words == ()
    assert [d.kind for d in found.divergence] == ["not_spoken"]


def test_scripts_without_spaces_are_aligned() -> None:
    words = ["我们", "今天在", "北京", "讨论", "这个", "问题"]
    spoken = Transcript(
        "zh",
        tuple(
            Word(w, k * 400, k * 400 + 350, 0.9, space_before=k == 0) for k, w in enumerate(words)
        ),
        EngineInfo("recorded", "test"),
    )
    found = matching.align(article("“我们今天在北京讨论这个问题。”"), spoken)
    assert "".join(w.text for w in found.words) == "“我们今天在北京讨论这个问题。”"
    assert "s" not in origins(found)


@pytest.mark.parametrize(
    ("paragraphs", "tag", "starts"),
    [
        (("One two.", "Three.", "Four five"), "en", (0, 2, 3)),
        (("水的人民。", "中国"), "zh", (0, 3)),
    ],
)
def test_paragraph_starts_count_words(
    paragraphs: tuple[str, ...], tag: str, starts: tuple[int, ...]
) -> None:
    assert matching.paragraph_starts(article(*paragraphs), tag) == starts


def test_a_name_with_two_of_five_letters_wrong_is_paired() -> None:
    """At the limit of likeness: it keeps "and" from pairing with a later one."""
    found = matching.align(
        article(
            "They begin near the town of Djibo and move east. U.N. and other aid was welcomed."
        ),
        heard("They begin near the town of Gibo and Movist you and other aid was welcomed."),
    )
    assert shown(found).startswith("They begin near the town of Djibo and Movist")
