"""Makes text of strangers inert where it is shown: in terminals, JSON and spreadsheets."""

from __future__ import annotations

import json
import re
from typing import Any

from aligner._util.surrogates import encodable

_COMMANDS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
"""What commands a terminal or changes the direction of text: controls but the line feed, marks of
direction, separators, and tags that cannot be seen."""
_ESCAPED = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
"""What JSON need not escape, and what cannot be seen or printed."""
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[\d.,:%\s]*")


def without_commands(text: str) -> str:
    """Returns a text with a space in place of each character that commands a terminal."""
    return _COMMANDS.sub(" ", text)


def cell(value: Any) -> Any:
    """Returns a value for a cell of CSV or TSV; a text that a spreadsheet would run is quoted.

    As OWASP advises, an apostrophe is put before what begins like a formula and is no number.
    """
    if not isinstance(value, str):
        return value
    text = without_commands(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def json_text(value: Any, **options: Any) -> str:
    """Returns a value as JSON in which all that cannot be seen is escaped; letters are not.

    Lone surrogates become U+FFFD. ``options`` are those of ``json.dumps``.
    """
    text = encodable(json.dumps(value, ensure_ascii=False, **options))
    return _ESCAPED.sub(lambda found: json.dumps(found[0])[1:-1], text)
