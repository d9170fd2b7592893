"""LIST -> entries, one after the other: text, CSV, JSON, JSON lines, a feed, a sitemap.

The kind of a list follows from its name, else from how it begins. An entry that names no source is
an entry all the same, with the reason: what becomes of it is an outcome.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from aligner._util import strict_json
from aligner.captions.formats.base import encodable
from aligner.discovery import sitemap_crawl, sources
from aligner.discovery.sitemap_crawl import UnreadableSitemap
from aligner.discovery.sources.base import moment_of
from aligner.errors import BadSource
from aligner.net import client
from aligner.net.guard import suffix_of
from aligner.pipeline.source import is_address
from aligner.pipeline.source_lists import tables
from aligner.types import DateRange, FeedItem, Listed, Page

COLUMNS = ("url", "source", "address", "link", "loc", "href")
"""What the column with the sources is called, unless it is named."""
SEPARATORS = {".csv": ",", ".tsv": "\t"}

DOCUMENT = re.compile(r"\[\s*(?:[\"{\]].*)?|\{")
"""The first line of JSON that is one value, not a value on each line."""
JSON_SUFFIX = ".json"

NO_ARRAY = (
    "not a list: give a JSON array of addresses or of objects with a column of them,"
    " or such a value on each line (JSON lines)"
)
NO_LIST = "not a list: neither a feed or sitemap, nor plain text with a source on each line"
NOT_UTF8 = "not text in UTF-8"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
"""How texts in UTF-16 begin."""
_STRAY = re.compile("[\ud800-\udfff]")
"""What stands for a byte that is not UTF-8 (PEP 383)."""
LONGEST_SHOWN = 300
"""Characters of an entry that names no source."""

ALWAYS = DateRange()

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
        next(_file(Path(given), _nobody, DateRange(), None), None)


def _nobody(url: str) -> Page:
    """Who reads no list over the network."""
    raise BadSource(url, "not read yet")


def read(
    given: str,
    stdin: Iterable[str] = (),
    get: Read = _nobody,
    window: DateRange = ALWAYS,
    column: str | None = None,
) -> Iterator[Listed]:
    """The entries of a list: a file, an address that ``get`` reads, or "-" for ``stdin``.

    Raises BadSource, PageUnavailable if it cannot be read as a list.
    """
    if given == "-":
        yield from _text(stdin, given, window, column)
    elif is_address(given):
        page = get(given)
        if sources.sitemaps.is_sitemap(page):
            yield from sitemap(given, get, window)
        elif sources.feeds.is_feed(page):
            yield from (Listed(item, given) for item in feed(given, page, window))
        elif page.html.lstrip().startswith("<"):
            raise BadSource(given, NO_LIST)
        else:
            yield from _text(page.html.splitlines(keepends=True), given, window, column)
    else:
        yield from _file(Path(given), get, window, column)


def _file(path: Path, get: Read, window: DateRange, column: str | None) -> Iterator[Listed]:
    try:
        with path.open("rb") as raw:
            head = raw.read(512)
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\x1f\x8b")):
            page = client.load_list(path)
            if not sources.feeds.is_feed(page):
                yield from sitemap(str(path), get, window)
            else:
                yield from (Listed(item, str(path)) for item in feed(str(path), page, window))
            return
        if head.startswith(UTF16) or b"\0" in head:
            raise BadSource(str(path), "cannot be read: not a list in UTF-8")
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield from _text(file, str(path), window, column)
    except OSError as error:
        raise BadSource(str(path), f"cannot be read: {error.strerror}") from error


def _text(
    file: Iterable[str], name: str, window: DateRange, column: str | None
) -> Iterator[Listed]:
    """A list's text -> its entries; its name's suffix tells a table from plain lines."""
    suffix = suffix_of(name) if is_address(name) else Path(name).suffix.lower()
    if suffix in SEPARATORS:
        found = table(file, SEPARATORS[suffix], name, column)
    else:
        todo = iter(file)
        blank = 0
        first = ""
        for first in todo:
            if first.strip():
                break
            blank += 1
        if _is_document(first.strip(), suffix):
            found = document("".join(chain([first], todo)), name, window, column)
        else:
            found = lines(chain([first], todo), name, column, blank + 1)
    yield from map(_checked, found)


def _checked(entry: Listed) -> Listed:
    """An entry without stray bytes; one whose source had any names none."""
    if not (isinstance(entry.source, str) and _has_strays(entry)):
        return entry
    columns = json.loads(_STRAY.sub("\ufffd", json.dumps(dict(entry.columns), ensure_ascii=False)))
    trouble = entry.trouble or (NOT_UTF8 if _STRAY.search(entry.source) else None)
    return replace(entry, source=encodable(entry.source), columns=columns, trouble=trouble)


def _has_strays(entry: Listed) -> bool:
    return bool(
        _STRAY.search(f"{entry.source}{json.dumps(dict(entry.columns), ensure_ascii=False)}")
    )


def _is_document(first: str, suffix: str) -> bool:
    """Whether a text is JSON of one value, by its first line and its file's suffix."""
    return suffix == JSON_SUFFIX or bool(DOCUMENT.fullmatch(first))


def document(
    text: str, name: str, window: DateRange, column: str | None = None
) -> Iterator[Listed]:
    """JSON -> its entries: an array of them, or an object whose ``items`` are (JSON Feed).

    Raises BadSource.
    """
    try:
        value = strict_json.read(text)
    except ValueError as error:
        if getattr(error, "msg", None) == "Extra data":  # JSON lines, in a file called .json
            yield from lines(text.splitlines(), name, column)
            return
        raise BadSource(name, f"not a list: not JSON either: {error}") from error
    is_feed = False
    if isinstance(value, dict):
        alone = _within(value, column)
        is_feed, value = not alone, [value] if alone else value.get("items")
    if not isinstance(value, list):
        raise BadSource(name, NO_ARRAY)
    for entry in value:
        published = entry.get("date_published") if isinstance(entry, dict) else None
        moment = moment_of(published) if isinstance(published, str) else None
        found = _of_value(entry, json.dumps(entry, ensure_ascii=False), column)
        if is_feed:
            found = replace(found, columns={})
        if not moment or found.trouble:
            yield replace(found, in_list=name)
        elif window.has(moment):
            item = FeedItem(None, str(found.source), published=moment, listed_in=name)
            yield replace(found, source=item, in_list=name)


def lines(
    text: Iterable[str], name: str, column: str | None = None, first: int = 1
) -> Iterator[Listed]:
    """Lines of a list -> its entries: a source or a JSON value a line; remarks (#) left out."""
    for number, line in enumerate(text, start=first):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        found = _of_json(entry, column) if entry.startswith(("{", '"')) else Listed(entry)
        yield replace(found, in_list=name, line=number)


def _of_json(line: str, column: str | None) -> Listed:
    """A line of JSON -> its entry."""
    try:
        return _of_value(strict_json.read(line), line, column)
    except ValueError as error:
        return Listed(_shown(line), trouble=f"not JSON: {error}")


def _of_value(value: object, text: str, column: str | None) -> Listed:
    """A JSON value, and its text -> its entry, whose list is not known yet."""
    source = _within(value, column)
    columns: dict[str, Any] = {}
    if isinstance(value, dict):
        place = _column_of(value, column)
        columns = {key: other for key, other in value.items() if key != place}
    if source is None:
        return Listed(_shown(text), columns=columns, trouble=f"no address in {_named(column)}")
    return Listed(source, columns=columns)


def _column_of(value: dict[str, Any], column: str | None) -> str | None:
    """Which of an object's columns is to have the source."""
    return next((name for name in ((column,) if column else COLUMNS) if name in value), None)


def _within(value: object, column: str | None) -> str | None:
    """A source as JSON has it: a text, or one in an object's column."""
    if isinstance(value, dict):
        place = _column_of(value, column)
        value = value[place] if place is not None else None
    return value if isinstance(value, str) and value else None


def _named(column: str | None) -> str:
    return f"the column {column}" if column else f"a column {', '.join(COLUMNS)}"


def _shown(text: str) -> str:
    """An entry that names no source, as it is shown."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}..."


def table(
    file: Iterable[str], separator: str, name: str = "the table", column: str | None = None
) -> Iterator[Listed]:
    """A table with a heading -> its entries. Raises BadSource without a column of sources."""
    rows = tables.rows(file, separator)
    first = next(rows, None)
    heading = [cell.strip() for cell in first.cells] if first else []
    place = _place(heading, column)
    titles = tables.titles(heading)
    for row in rows:
        if not any(cell.strip() for cell in row.cells) and not row.trouble:
            continue
        source = row.cells[place].strip() if place < len(row.cells) else ""
        columns = tables.columns(titles, row.cells, place)
        trouble = None if source else row.trouble or f"no address in {_named(heading[place])}"
        yield Listed(source or _shown(row.text), name, row.line, columns, trouble)


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


def feed(name: str, page: Page, window: DateRange) -> Iterator[FeedItem]:
    """A feed's articles of a span of time."""
    for item in sources.feeds.items(page):
        if window.has(item.published):
            yield replace(item, listed_in=item.listed_in or name)


def sitemap(given: str, get: Read, window: DateRange) -> Iterator[Listed]:
    """A sitemap's articles, its sitemaps' included; one that is lost is a source that fails.

    Raises BadSource, PageUnavailable if ``given`` itself cannot be used.
    """

    def load(source: str) -> Page:
        return get(source) if is_address(source) else client.load_list(Path(source))

    for entry in sitemap_crawl.articles(given, load, window):
        yield Listed(entry.source if isinstance(entry, UnreadableSitemap) else entry, given)


def opened(source: str, get: Read, window: DateRange) -> Iterator[FeedItem]:
    """An item of a list that is a feed or a sitemap itself -> its articles.

    They are never opened again, so that lists that name each other come to an end. Raises
    BadSource, PageUnavailable.
    """
    page = get(source) if is_address(source) else client.load_list(Path(source))
    if sources.feeds.is_feed(page):
        yield from (item for item in feed(source, page, window) if item.name != source)
        return

    def load(asked: str) -> Page:
        return page if asked == source else get(asked)

    for entry in sitemap_crawl.articles(source, load, window):
        yield FeedItem(None, entry.source) if isinstance(entry, UnreadableSitemap) else entry
