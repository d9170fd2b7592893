"""Renders NAME.words.tsv: a header and one line for each word, with tabs between fields.

A field that contains a quotation mark is quoted, and the mark is doubled, as spreadsheets expect. A
word that a spreadsheet would take for a formula has an apostrophe before it.
"""

from __future__ import annotations

import csv
import io

from aligner._util.inert_text import cell
from aligner.captions.formats.base import PLAIN, Format, Look, one_line
from aligner.types import CaptionResult

COLUMNS = ("start_ms", "end_ms", "word", "origin", "score", "article_word")


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns the table; empty if there are no words."""
    if not outcome.captions or not outcome.captions.words:
        return ""
    out = io.StringIO()
    table = csv.writer(out, dialect="excel-tab", lineterminator="\n")
    table.writerow(COLUMNS)
    for word in outcome.captions.words:
        place = "" if word.article_word is None else word.article_word
        table.writerow(
            (word.start_ms, word.end_ms, cell(one_line(word.text)), word.origin,
             f"{word.score:.3f}", place)
        )  # fmt: skip
    return out.getvalue()


WORDS = Format(
    name="words", suffix=".words.tsv", render=render, needs_cues=True, about="a table of words"
)
