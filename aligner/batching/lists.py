"""LIST -> sources, one after the other: text, CSV, JSON lines, a feed, a sitemap.

What a list is, is told by its name, else by how it begins. A line that is no source is one all
the same: what becomes of it is an outcome.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from aligner import jsontext, listing, sources, web
from aligner.addresses import suffix_of
from aligner.errors import BadSource
from aligner.listing import Lost
from aligner.nouns import Page, Source, Window
from aligner.pipeline import is_address

COLUMNS = ("url", "source", "address", "link", "loc", "href")
"""What the column with the sources is called, unless it is named."""
TABLES = {".csv": ",", ".tsv": "\t"}
LONGEST_FIELD = 1 << 20

NO_LIST = "not a list: neither a feed or sitemap, nor plain text with a source on each line"

Read = Callable[[str], Page]
"""Who reads lists over the network. Raises PageUnavailable, BadSource."""


def expect(given: str) -> None:
    """Look at a list before anything is made. Raises BadSource if it is no readable list."""
    if given == "-" or is_address(given):
        return
    try:
        with Path(given).open("rb") as raw:
            first = raw.readline(512).lstrip(b"\xef\xbb\xbf").strip()
    except OSError as error:
        raise BadSource(given, f"cannot be read: {error.strerror}") from error
    if first == b"{" or first.startswith(b"["):
        raise BadSource(given, "not a list: JSON must have a value on each line (JSON lines)")


def read(
    given: str, stdin: Iterable[str], get: Read, window: Window, column: str | None = None
) -> Iterator[Source]:
    """The sources of a list. Raises BadSource, PageUnavailable if it cannot be read as one."""
    if given == "-":
        yield from lines(stdin, column)
    elif is_address(given):
        page = get(given)
        if sources.sitemaps.is_sitemap(page):
            yield from sitemap(given, get, window)
        elif sources.feeds.is_feed(page):
            yield from feed(given, page, window)
        elif page.html.lstrip().startswith("<"):
            raise BadSource(given, NO_LIST)
        else:
            yield from _text(page.html.splitlines(keepends=True), suffix_of(given), column)
    else:
        yield from _file(Path(given), get, window, column)


def _file(path: Path, get: Read, window: Window, column: str | None) -> Iterator[Source]:
    try:
        with path.open("rb") as raw:
            head = raw.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
        if head.startswith((b"<", b"\x1f\x8b")):
            page = web.load_list(path)
            if not sources.feeds.is_feed(page):
                yield from sitemap(str(path), get, window)
            else:
                yield from feed(str(path), page, window)
            return
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _text(file, path.suffix.lower(), column)
    except OSError as error:
        raise BadSource(str(path), f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadSource(str(path), "cannot be read: not a list in UTF-8") from error


def _text(file: Iterable[str], suffix: str, column: str | None) -> Iterator[str]:
    """A list's text -> its sources; its file's suffix tells a table from plain lines."""
    if suffix in TABLES:
        yield from table(file, TABLES[suffix], column)
    else:
        yield from lines(file, column)


def lines(text: Iterable[str], column: str | None = None) -> Iterator[str]:
    """Lines of a list -> its sources: one a line, or a JSON value a line; remarks (#) left out."""
    for line in text:
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        yield _of_json(entry, column) if entry.startswith(("{", '"')) else entry


def _of_json(line: str, column: str | None) -> str:
    """A JSON value -> the source in it; the line itself if there is none."""
    try:
        value = jsontext.read(line)
    except ValueError:
        return line
    if isinstance(value, dict):
        names = (column,) if column else COLUMNS
        value = next((value[name] for name in names if name in value), None)
    return value if isinstance(value, str) and value else line


def table(file: Iterable[str], separator: str, column: str | None) -> Iterator[str]:
    """A table with a heading -> the sources in one of its columns. Raises BadSource."""
    csv.field_size_limit(LONGEST_FIELD)
    rows = csv.reader(file, delimiter=separator)
    try:
        heading = [name.strip() for name in next(rows, [])]
        place = _place(heading, column)
        for row in rows:
            if place < len(row) and (source := row[place].strip()):
                yield source
    except csv.Error as error:
        raise BadSource("the table", f"line {rows.line_num} cannot be read: {error}") from error


def _place(heading: list[str], column: str | None) -> int:
    folded = [name.casefold() for name in heading]
    for name in (column,) if column else COLUMNS:
        if name.casefold() in folded:
            return folded.index(name.casefold())
    if len(heading) == 1 and not column:
        return 0
    wanted = column or ", ".join(COLUMNS)
    raise BadSource(
        "the table", f"it has no column {wanted}, but {', '.join(heading)}; see --column"
    )


def feed(name: str, page: Page, window: Window) -> Iterator[Source]:
    """A feed's articles of a span of time."""
    for item in sources.feeds.items(page):
        if window.has(item.published):
            yield replace(item, listed_in=item.listed_in or name)


def sitemap(given: str, get: Read, window: Window) -> Iterator[Source]:
    """A sitemap's articles, its sitemaps' included; one that is lost is a source that fails.

    Raises BadSource, PageUnavailable if ``given`` itself cannot be used.
    """

    def load(source: str) -> Page:
        return get(source) if is_address(source) else web.load_list(Path(source))

    for entry in listing.articles(given, load, window):
        yield entry.source if isinstance(entry, Lost) else entry
