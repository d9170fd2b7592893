"""Reads CSV and TSV tables. A row with broken quoting does not affect other rows."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MAX_CELL_CHARS = 1 << 20


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table."""

    line: int
    """The number of its first line, from 1."""
    cells: list[str]
    text: str
    """The row as the file has it."""
    trouble: str | None = None
    """What is wrong with its quoting. Its cells are then a guess."""


class _LineIterator:
    """Iterates over a file's lines; lines can be put back."""

    def __init__(self, file: Iterable[str]) -> None:
        self._file, self._back = iter(file), list[str]()
        self.number = 0
        """The number of the last line read, from 1."""
        self.taken: list[str] = []
        """The lines of the row that is being read."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else next(self._file)
        self.number += 1
        self.taken.append(line)
        return line

    def put_back(self, lines: list[str]) -> None:
        self._back += reversed(lines)
        self.number -= len(lines)


def rows(file: Iterable[str], separator: str) -> Iterator[TableRow]:
    """Yields the rows of a table, without blank lines.

    If a quotation mark is not closed, or a cell has more than MAX_CELL_CHARS characters, only the
    first line counts as the row, and the next row begins on the next line.
    """
    csv.field_size_limit(MAX_CELL_CHARS)
    lines = _LineIterator(file)
    while True:
        begins = lines.number + 1
        lines.taken = []
        trouble = None
        try:
            cells = next(csv.reader(lines, delimiter=separator, strict=True), None)
        except csv.Error as error:
            trouble = f"its quoting is broken: {error}"
            lines.put_back(lines.taken[1:])
            cells = _guessed_cells(lines.taken[0], separator)
        if cells is None:
            return
        if cells or trouble:
            text = lines.taken[0] if trouble else "".join(lines.taken)
            yield TableRow(begins, cells, text, trouble)


def _guessed_cells(line: str, separator: str) -> list[str]:
    """Returns the cells of a line with broken quoting, as csv reads them without strictness."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def titles(heading: Sequence[str]) -> list[str]:
    """Returns unique column names; a column with no name or a repeated one gets its number."""
    made: list[str] = []
    for number, name in enumerate(heading, start=1):
        made.append(f"column {number}" if not name or name in made else name)
    return made


def columns(titles: Sequence[str], cells: Sequence[str], without: int) -> dict[str, str]:
    """Returns a row's cells by column name, without the column of that index."""
    return {
        titles[place] if place < len(titles) else f"column {place + 1}": cell
        for place, cell in enumerate(cells)
        if place != without
    }
