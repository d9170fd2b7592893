"""The width of text in cells, the unit of line lengths and reading speeds.

The cue maker and the linter both measure with ``cell_width``; ``cellWidth`` in
``review/assets/text.js`` is the same measure for the review page.
"""

from __future__ import annotations

from rich.cells import cell_len


def cell_width(text: str) -> int:
    """Return the number of cells that a text takes in a line.

    A character takes two cells if it is full-width (Unicode's East Asian width) or an emoji, none
    if it combines with the character before it, and one otherwise. Emoji joined by U+200D count
    as the first one, and U+FE0F makes a text symbol an emoji.
    """
    return len(text) if text.isascii() else cell_len(text)
