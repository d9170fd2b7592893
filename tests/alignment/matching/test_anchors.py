"""Which atom stands where: the places, before any spelling."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from aligner.alignment.matching.affine_gap import GapCosts, Matrix
from aligner.alignment.matching.anchors import Pairs, pair

COMMON = frozenset("the a of to and in is it".split())


def _weight(atom: str) -> float:
    return 1.0 if atom in COMMON else 2.0


NOISY: Pairs = [0, 1, None, None, 2, 3]


def _likeness(ours: Sequence[str], theirs: Sequence[str]) -> Matrix:
    return np.array([[0.8 * (a[:4] == b[:4]) for b in theirs] for a in ours])


COSTS = GapCosts(_weight, _likeness)


def places(article: str, speech: str) -> Pairs:
    return pair(article.split(), speech.split(), COSTS)


@pytest.mark.parametrize(
    ("case", "article", "speech", "expected"),
    [
        ("as printed", "one two three four five", "one two three four five", [0, 1, 2, 3, 4]),
        ("unspoken inside", "one two extra extra three four", "one two three four", [0, 1, 4, 5]),
        ("added inside", "one two three four", "one two well um three four", NOISY),
        ("alike in sound", "met minister lavrov here", "met minister lavroff here", [0, 1, 2, 3]),
        ("nothing in common", "red green blue", "cat dog bird", [None, None, None]),
        ("no article", "", "cat dog", [None, None]),
        ("no speech", "cat dog", "", []),
    ],
)  # fmt: skip
def test_paired_places_of_both_texts(case: str, article: str, speech: str, expected: Pairs) -> None:
    assert places(article, speech) == expected, case


def test_a_single_common_word_in_unrelated_text_is_not_paired() -> None:
    article = "alpha beta gamma delta epsilon zeta eta the theta iota kappa lambda mu nu"
    speech = "one two three four five six seven the eight nine ten eleven twelve thirteen"
    assert places(article, speech) == [None] * 14


def words(seed: int, size: int) -> list[str]:
    rng = random.Random(seed)  # noqa: S311  a test's text, not a secret
    return [f"w{rng.randrange(5000)}" for _ in range(size)]


def test_moved_passages_are_found() -> None:
    a, b, c = words(1, 40), words(2, 40), words(3, 40)
    found = pair(a + b + c, a + c + b, COSTS)
    assert found == [*range(40), *range(80, 120), *range(40, 80)]


def test_a_passage_read_twice_is_found_twice() -> None:
    a, b, c = words(1, 30), words(2, 30), words(3, 30)
    found = pair(a + b + c, a + b + b + c, COSTS)
    assert found == [*range(60), *range(30, 60), *range(60, 90)]


def test_a_long_text_that_shares_nothing_is_not_paired() -> None:
    article = [f"a{k}" for k in range(3000)]
    speech = [f"b{k}" for k in range(3000)]
    assert pair(article, speech, COSTS) == [None] * 3000


def test_long_skips_and_additions_keep_the_rest_exact() -> None:
    a, b, c, d = words(1, 500), words(2, 800), words(3, 500), words(4, 700)
    found = pair(a + b + c, a + d + c, COSTS)
    assert found[:500] == list(range(500))
    assert found[-500:] == list(range(1300, 1800))
    strays = sum(i is not None for i in found[500:-500])
    assert strays <= 7  # one in a hundred, where both share a word by chance
