"""Faults that users of other aligners report, by name."""

import random

import pytest
from test_match import ONE, THREE, TWO, article, heard, origins, shown

from aligner.alignment import matching
from aligner.types import EngineInfo, Transcript, Word

FOUR = "The bridge over the river was closed because engineers found cracks in two pillars."
FIVE = "A spokeswoman for the harbour said that the ferry would sail again before the winter."
ALL = (ONE, TWO, THREE, FOUR, FIVE)


def test_my_script_not_the_recognisers_words() -> None:
    spoken = ONE.replace("Syrian", "serian").replace("regime", "rejime")
    found = matching.align(article(*ALL), heard(f"{spoken} {TWO} {THREE}", score=0.4))
    assert shown(found) == f"{ONE} {TWO} {THREE}"


@pytest.mark.parametrize("place", range(4))
def test_one_wrong_word_does_not_shift_the_others(place: int) -> None:
    """Text that nobody says, anywhere, moves nothing that is said."""
    extra = "Nobody reads this paragraph of quite other words that stands between the rest aloud."
    text = [*ALL[:place], extra, *ALL[place:]]
    found = matching.align(article(*text), heard(" ".join(ALL)))
    assert shown(found) == " ".join(ALL)
    assert [w.start_ms for w in found.words] == [k * 400 for k in range(len(found.words))]
    assert [d.text for d in found.divergence] == [extra]


def test_no_word_swallows_a_minute() -> None:
    """Speech that is not in the text takes no time from the words around it."""
    ad_lib = "well you know what I mean by that is hard to say " * 10
    found = matching.align(article(*ALL), heard(f"{ONE} {TWO} {ad_lib} {THREE}"))
    assert max(w.end_ms - w.start_ms for w in found.words) <= 400
    assert ad_lib.strip() in shown(found)


@pytest.mark.slow
def test_a_text_longer_than_the_speech() -> None:
    rng = random.Random(5)  # noqa: S311  a test's text, not a secret
    rest = [" ".join(rng.choice(FIVE.split()) + str(k) for k in range(60)) for _ in range(40)]
    found = matching.align(article(*rest[:20], ONE, *rest[20:], TWO), heard(f"{ONE} {TWO}"))
    assert shown(found) == f"{ONE} {TWO}"
    assert set(origins(found)) == {"v"}


def test_unspoken_text_is_reported() -> None:
    found = matching.align(article(ONE, THREE), heard(f"{ONE} {TWO} {THREE}"))
    assert [(d.kind, d.text) for d in found.divergence] == [("extra_speech", TWO)]
    assert [s.in_article for s in found.stretches] == [True, False, True]


def test_agreement_does_not_collapse_after_a_bad_middle() -> None:
    noise = "uh the the of gone mumble a a and is was into hm so then it it of of was in on"
    found = matching.align(article(*ALL), heard(f"{ONE} {noise} {FOUR} {FIVE}"))
    assert shown(found) == f"{ONE} {noise} {FOUR} {FIVE}"
    assert origins(found).endswith("v" * len(f"{FOUR} {FIVE}".split()))


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("about 250,000 people", "about two hundred fifty thousand people"),
        ("in 2014 and", "in twenty fourteen and"),
        ("paid $1.3bn to", "paid one point three billion dollars to"),
        ("rose 5% in", "rose five percent in"),
        ("the 3rd time", "the third time"),
        ("R&D in", "R and D in"),
    ],
)
def test_numbers_and_symbols_have_times(written: str, spoken: str) -> None:
    found = matching.align(article(f"{ONE} {written} {TWO}"), heard(f"{ONE} {spoken} {TWO}"))
    assert shown(found) == f"{ONE} {written} {TWO}"
    assert all(w.start_ms < w.end_ms for w in found.words)
    assert all(a.end_ms <= b.start_ms for a, b in zip(found.words, found.words[1:], strict=False))


def test_words_do_not_drift_over_silence() -> None:
    words = f"{ONE} {TWO}".split()
    pause = 30_000
    start = len(ONE.split())
    times = [k * 400 + (pause if k >= start else 0) for k in range(len(words))]
    timed = tuple(Word(w, t, t + 350, 0.9) for w, t in zip(words, times, strict=True))
    found = matching.align(
        article(ONE, TWO), Transcript("en", timed, EngineInfo("recorded", "test"))
    )
    assert [w.start_ms for w in found.words] == times


def test_a_hallucination_loop_is_not_the_article() -> None:
    loop = "Thank you very much. " * 30
    found = matching.align(article(*ALL), heard(f"{ONE} {loop} {TWO}"))
    assert shown(found) == f"{ONE} {loop}{TWO}"
    assert "v" not in origins(found)[13:-12]


def test_a_refrain_is_found_each_time() -> None:
    found = matching.align(article(ONE, TWO, THREE), heard(f"{ONE} {TWO} {ONE} {THREE} {ONE}"))
    assert set(origins(found)) == {"v"}


def test_names_take_the_publishers_spelling() -> None:
    text = "Foreign Minister Sergei Lavrov met Kwame Boateng of Ghana in Ouagadougou on Monday."
    spoken = "Foreign Minister Sergey Lavroff met Kwami Boatang of Ghana in Wagadougou on Monday."
    assert shown(matching.align(article(text), heard(spoken))) == text


@pytest.mark.slow
def test_a_jump_over_a_long_text_keeps_its_edges() -> None:
    """A misheard word beside a very long skip is still found beside its neighbours."""
    rng = random.Random(7)  # noqa: S311  a test's text, not a secret
    skipped = " ".join(f"w{rng.randrange(9000)}" for _ in range(3000))
    other = " ".join(f"x{rng.randrange(9000)}" for _ in range(300))
    spoken = f"{ONE} {other} {TWO}".replace("president.", "presidents.").replace("Secretary of", "")
    found = matching.align(article(ONE, skipped, TWO), heard(spoken))
    changed = [d.text for d in found.divergence if d.kind == "changed"]
    assert changed == [] or changed == ["presidents."]
    assert origins(found).count("v") >= 22
