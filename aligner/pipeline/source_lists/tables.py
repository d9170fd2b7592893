"""CSV -> rows with the lines at which they begin; a row with broken quoting costs no other row."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LONGEST_FIELD = 1 << 20
"""Characters of a cell."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    line: int
    """Where it begins, from 1."""
    cells: list[str]
    text: str
    """As it stands in the file."""
    trouble: str | None = None
    """What is wrong with its quoting; its cells are then as far as they can be told."""


class _Lines:
    """A file's lines, of which some can be given back."""

    def __init__(self, file: Iterable[str]) -> None:
        self._file, self._back = iter(file), list[str]()
        self.number = 0
        """Of the last line taken, from 1."""
        self.taken: list[str] = []
        """Lines of the row that is being read."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else next(self._file)
        self.number += 1
        self.taken.append(line)
        return line

    def give_back(self, lines: list[str]) -> None:
        self._back += reversed(lines)
        self.number -= len(lines)


def rows(file: Iterable[str], separator: str) -> Iterator[Row]:
    """A table's lines -> its rows, blank lines left out.

    Where a quotation mark is not closed, or a cell is longer than ``LONGEST_FIELD``, the row is its
    first line alone, and the next row begins at the line below.
    """
    csv.field_size_limit(LONGEST_FIELD)
    lines = _Lines(file)
    while True:
        begins = lines.number + 1
        lines.taken = []
        trouble = None
        try:
            cells = next(csv.reader(lines, delimiter=separator, strict=True), None)
        except csv.Error as error:
            trouble = f"its quoting is broken: {error}"
            lines.give_back(lines.taken[1:])
            cells = _loosely(lines.taken[0], separator)
        if cells is None:
            return
        if cells or trouble:
            text = lines.taken[0] if trouble else "".join(lines.taken)
            yield Row(begins, cells, text, trouble)


def _loosely(line: str, separator: str) -> list[str]:
    """A line with broken quoting -> its cells, as far as they can be told."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def titles(heading: Sequence[str]) -> list[str]:
    """A heading -> the columns' names, each once; one without a name is called by its number."""
    made: list[str] = []
    for number, name in enumerate(heading, start=1):
        made.append(f"column {number}" if not name or name in made else name)
    return made


def columns(titles: Sequence[str], cells: Sequence[str], but: int) -> dict[str, str]:
    """A row's cells by their columns' names, one of them left out."""
    return {
        titles[place] if place < len(titles) else f"column {place + 1}": cell
        for place, cell in enumerate(cells)
        if place != but
    }
