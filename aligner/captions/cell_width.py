"""The width of text in cells, the unit of line lengths and reading speeds.

The cue maker and the linter both measure with ``cell_width``; ``cellWidth`` in
``review/assets/text.js`` is the same measure for the review page.
"""

from __future__ import annotations

import re

from rich.cells import cell_len

_STRAY_JOINER = re.compile("\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])")
"""A joiner between letters, as in Malayalam and Sinhala. It has no width, and unlike after a joiner
between emoji, the next character counts."""
_TEXT_HAND = re.compile(
    "([\u261d\u26f9\u270c\u270d\U0001f3cb\U0001f3cc\U0001f574\U0001f575\U0001f590])"
    "(?=[\U0001f3fb-\U0001f3ff])"
)
"""A symbol that is drawn as text by itself (Emoji_Modifier_Base without Emoji_Presentation), but as
an emoji before a skin tone."""


def cell_width(text: str) -> int:
    """Return the number of cells that a text takes in a line, as players draw it.

    A character takes two cells if it is full-width (Unicode's East Asian width) or an emoji, none
    if it combines with the character before it, and one otherwise. Emoji joined by U+200D count
    as the first one, and U+FE0F or a skin tone makes a text symbol an emoji.
    """
    if text.isascii():
        return len(text)
    text = _TEXT_HAND.sub("\\1\ufe0f", _STRAY_JOINER.sub("", text))
    return cell_len(text, "latest")
