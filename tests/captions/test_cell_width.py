"""One measure of a text's width: of the cue maker, the linter and the review page."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from browsing import node

from aligner.captions.cell_width import cell_width
from aligner.captions.lint.base import ParsedCue
from aligner.captions.lint.rules import check
from aligner.captions.profiles import PROFILES
from aligner.captions.segmentation import make_cues
from aligner.types import CaptionWord

ROOT = Path(__file__).parents[2]
WIDTHS = {
    "abc": 3,
    "水": 2,
    "水水": 4,
    "ｱ": 1,
    "e\u0301": 1,
    "مَرْحَبًا": 5,
    "العربية": 7,
    "สวัสดี": 4,
    "": 0,
    "\u200b": 0,
    "\u200d": 0,
    "😀": 2,
    "👩\u200d💻": 2,
    "👨\u200d👩\u200d👧\u200d👦": 2,
    "❤": 1,
    "❤\ufe0f": 2,
    "☎\ufe0f": 2,
    "1\ufe0f\u20e3": 2,
    "👍🏽": 2,
    "☝🏽": 2,
    "☝": 1,
    "☝\ufe0f🏽": 2,
    "🕵🏿\u200d♂\ufe0f": 2,
    "👩🏽\u200d🚀": 2,
    "🏳\ufe0f\u200d🌈": 2,
    "👨\u200d❤\ufe0f\u200d💋\u200d👨": 2,
    "🇫🇷🇩🇪": 4,
    "അവന്\u200d പോയി": 6,
    "ന്\u200dറെ": 2,
    "🇫🇷": 2,
    "🏴\U000e0067\U000e0062\U000e007f": 2,
    "水\ufe0f": 2,
    "é👩\u200d": 3,
    "\ufe0fé": 1,
}
SCRIPT = """
import { cellWidth } from "./aligner/review/assets/text.js";
const texts = JSON.parse(await new Response(process.stdin).text());
console.log(JSON.stringify(texts.map(cellWidth)));
"""


def widths_in_javascript(texts: list[str]) -> list[int]:
    ran = subprocess.run(
        [node(), "--input-type=module", "-e", SCRIPT],
        input=json.dumps(texts), capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    found: list[int] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize(("text", "expected"), WIDTHS.items())
def test_widths(text: str, expected: int) -> None:
    assert cell_width(text) == expected


def test_the_page_measures_the_same() -> None:
    assert widths_in_javascript(list(WIDTHS)) == list(WIDTHS.values())


@pytest.mark.slow
def test_the_page_measures_every_character_the_same() -> None:
    unknown = ("Cn", "Co", "Cs")
    every = [
        c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in unknown
    ]
    texts = [form for c in every for form in (c, f"{c}\ufe0f")]
    found = zip(texts, widths_in_javascript(texts), strict=True)
    assert [(text, width) for text, width in found if width != cell_width(text)] == []


@pytest.mark.parametrize("emoji", ["👨\u200d👩\u200d👧\u200d👦", "❤\ufe0f", "👍🏽", "🇫🇷"])
def test_the_linter_accepts_lines_of_emoji_that_the_cue_maker_sets(emoji: str) -> None:
    words = tuple(
        CaptionWord(emoji * 5, k * 900, k * 900 + 850, "verified", 0.9, k) for k in range(24)
    )
    profile = PROFILES["netflix"]
    cues = make_cues(words, "en", profile, 24 * 900).cues
    shown = [ParsedCue(k, k, c.start_ms, c.end_ms, c.lines, c.lines) for k, c in enumerate(cues, 1)]
    assert max(cell_width(line) for c in cues for line in c.lines) > profile.max_line_chars / 2
    broken = {result.rule for result in check(shown, profile) if result.faults}
    assert "line-length" not in broken
