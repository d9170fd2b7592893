"""The page's live lint says of any cues what `aligner lint` says of their file."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest
from browsing import node

from aligner.captions.lint.base import ParsedCue
from aligner.captions.lint.rules import check
from aligner.captions.profiles import PROFILES
from aligner.review.page import limits
from aligner.types import Json

ROOT = Path(__file__).parents[2]
TEXTS = (
    "a",
    "two words",
    "a rather longer line of text",
    "x" * 43,
    "水を飲む人がいる",
    "e\u0301te\u0301",
    "a family 👨\u200d👩\u200d👧\u200d👦 of emoji ☎\ufe0f ❤\ufe0f 👍🏽 🇫🇷",
)
SCRIPT = """
import { remarks } from "./aligner/review/assets/lint.js";
const { cues, profile } = JSON.parse(await new Response(process.stdin).text());
const told = cues.map((_, k) => remarks(cues, k, profile).map((r) => r.rule));
console.log(JSON.stringify(told));
"""


def some_cues(seed: int) -> list[Json]:
    """Cues in order of time, most of which break some rule."""
    chance = random.Random(seed)  # noqa: S311  no secret
    cues, at = [], 0
    for _ in range(300):
        length = chance.choice((200, 400, 814, 830, 834, 1500, 3000, 7000, 7010, 7100))
        lines = chance.choices(TEXTS, k=chance.randint(0, 3))
        cues.append({"start": at, "end": at + length, "lines": lines})
        at += length + chance.choice((-100, 0, 40, 60, 80, 99, 101, 300, 499, 500, 900))
    return cues


@pytest.mark.parametrize("name", PROFILES)
def test_they_agree(name: str) -> None:
    profile = PROFILES[name].for_language("en")
    cues = some_cues(7)
    shown = [
        ParsedCue(k, k, c["start"], c["end"], tuple(c["lines"]), tuple(c["lines"]))
        for k, c in enumerate(cues)
    ]
    expected: list[set[str]] = [set() for _ in cues]
    for kept in check(shown, profile):
        for fault in kept.faults:
            expected[fault.cue].add(kept.rule)
    told = subprocess.run(
        [node(), "--input-type=module", "-e", SCRIPT],
        input=json.dumps({"cues": cues, "profile": limits(profile)}),
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    assert [set(rules) for rules in json.loads(told.stdout)] == expected
    assert len({rule for rules in expected for rule in rules}) >= 6
