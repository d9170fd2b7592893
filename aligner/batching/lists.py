"""LIST -> sources, one after the other: text, CSV, JSON, JSON lines, a feed, a sitemap.

What a list is, is told by its name, else by how it begins. A line that is no source is one all
the same: what becomes of it is an outcome.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from aligner import jsontext, listing, sources, web
from aligner.addresses import suffix_of
from aligner.errors import BadSource
from aligner.listing import Lost
from aligner.nouns import FeedItem, Page, Source, Window
from aligner.pipeline import is_address
from aligner.sources.base import moment_of

COLUMNS = ("url", "source", "address", "link", "loc", "href")
"""What the column with the sources is called, unless it is named."""
TABLES = {".csv": ",", ".tsv": "\t"}
LONGEST_FIELD = 1 << 20

DOCUMENT = re.compile(r"\[\s*(?:[\"{\]].*)?|\{")
"""The first line of JSON that is one value, not a value on each line."""
JSON_SUFFIX = ".json"

NO_ARRAY = (
    "not a list: give a JSON array of addresses or of objects with a column of them,"
    " or such a value on each line (JSON lines)"
)
NO_LIST = "not a list: neither a feed or sitemap, nor plain text with a source on each line"

Read = Callable[[str], Page]
"""Who reads lists over the network. Raises PageUnavailable, BadSource."""


def expect(given: str) -> None:
    """Look at a list before anything is made. Raises BadSource if it is no readable list."""
    if given == "-" or is_address(given):
        return
    try:
        with Path(given).open("rb") as raw:
            head = raw.readline(512).decode("utf-8-sig", "replace")
    except OSError as error:
        raise BadSource(given, f"cannot be read: {error.strerror}") from error
    if _is_document(head.strip(), Path(given).suffix.lower()):
        next(_file(Path(given), _nobody, Window(), None), None)


def _nobody(url: str) -> Page:
    """Who reads no list over the network."""
    raise BadSource(url, "not read yet")


def read(
    given: str, stdin: Iterable[str], get: Read, window: Window, column: str | None = None
) -> Iterator[Source]:
    """The sources of a list. Raises BadSource, PageUnavailable if it cannot be read as one."""
    if given == "-":
        yield from _text(stdin, given, window, column)
    elif is_address(given):
        page = get(given)
        if sources.sitemaps.is_sitemap(page):
            yield from sitemap(given, get, window)
        elif sources.feeds.is_feed(page):
            yield from feed(given, page, window)
        elif page.html.lstrip().startswith("<"):
            raise BadSource(given, NO_LIST)
        else:
            yield from _text(page.html.splitlines(keepends=True), given, window, column)
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
            yield from _text(file, str(path), window, column)
    except OSError as error:
        raise BadSource(str(path), f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadSource(str(path), "cannot be read: not a list in UTF-8") from error


def _text(file: Iterable[str], name: str, window: Window, column: str | None) -> Iterator[Source]:
    """A list's text -> its sources; its name's suffix tells a table from plain lines."""
    suffix = suffix_of(name) if is_address(name) else Path(name).suffix.lower()
    if suffix in TABLES:
        yield from table(file, TABLES[suffix], column)
        return
    todo = iter(file)
    first = next((line for line in todo if line.strip()), "")
    if _is_document(first.strip(), suffix):
        yield from document("".join(chain([first], todo)), name, window, column)
    else:
        yield from lines(chain([first], todo), column)


def _is_document(first: str, suffix: str) -> bool:
    """Whether a text is JSON of one value, by its first line and its file's suffix."""
    return suffix == JSON_SUFFIX or bool(DOCUMENT.fullmatch(first))


def document(text: str, name: str, window: Window, column: str | None = None) -> Iterator[Source]:
    """JSON -> its sources: an array of them, or an object whose ``items`` are (JSON Feed).

    Raises BadSource.
    """
    try:
        value = jsontext.read(text)
    except ValueError as error:
        if (
            getattr(error, "msg", None) == "Extra data"
        ):  # a value on each line, under the name of a document
            yield from lines(text.splitlines(), column)
            return
        raise BadSource(name, f"not a list: not JSON either: {error}") from error
    if isinstance(value, dict):
        value = [value] if _within(value, column) else value.get("items")
    if not isinstance(value, list):
        raise BadSource(name, NO_ARRAY)
    for entry in value:
        source = _within(entry, column) or json.dumps(entry, ensure_ascii=False)
        published = entry.get("date_published") if isinstance(entry, dict) else None
        moment = moment_of(published) if isinstance(published, str) else None
        if not moment:
            yield source
        elif window.has(moment):
            yield FeedItem(None, source, published=moment, listed_in=name)


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
        return _within(jsontext.read(line), column) or line
    except ValueError:
        return line


def _within(value: object, column: str | None) -> str | None:
    """A source as JSON has it: a text, or one in an object's column."""
    if isinstance(value, dict):
        names = (column,) if column else COLUMNS
        value = next((value[name] for name in names if name in value), None)
    return value if isinstance(value, str) and value else None


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


def feed(name: str, page: Page, window: Window) -> Iterator[FeedItem]:
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


def opened(source: str, get: Read, window: Window) -> Iterator[FeedItem]:
    """An item of a list that is a feed or a sitemap itself -> its articles.

    They are never opened again, so that lists that name each other come to an end. Raises
    BadSource, PageUnavailable.
    """
    page = get(source) if is_address(source) else web.load_list(Path(source))
    if sources.feeds.is_feed(page):
        yield from (item for item in feed(source, page, window) if item.name != source)
        return

    def load(asked: str) -> Page:
        return page if asked == source else get(asked)

    for entry in listing.articles(source, load, window):
        yield FeedItem(None, entry.source) if isinstance(entry, Lost) else entry
