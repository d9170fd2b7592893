"""Reads lists of sources: text, CSV, TSV, JSON, JSON lines, feeds and sitemaps.

A file's suffix decides which of these a list is, otherwise its first characters do. An entry
without a usable source is yielded too, with the reason, so that it gets a result like any other.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Any

from aligner._util import strict_json
from aligner._util.surrogates import SURROGATE, encodable
from aligner.discovery import page_worker, sitemap_crawl, sources
from aligner.discovery.sitemap_crawl import UnreadableSitemap
from aligner.discovery.sources.base import moment_of
from aligner.errors import BadSource
from aligner.net import client
from aligner.net.guard import suffix_of
from aligner.pipeline.source import is_address, name_of
from aligner.pipeline.source_lists import tables
from aligner.types import DateRange, FeedItem, Listed, Page, Source

COLUMNS = ("url", "source", "address", "link", "loc", "href")
"""Names of the column with the sources, in the order of preference, unless the user names one."""
SEPARATORS = {".csv": ",", ".tsv": "\t"}

DOCUMENT = re.compile(r"\[\s*(?:[\"{\]].*)?|\{")
"""Matches the first line of a JSON document, as opposed to JSON lines."""
JSON_SUFFIX = ".json"

NO_ARRAY = (
    "not a list: give a JSON array of addresses or of objects with a column of them,"
    " or such a value on each line (JSON lines)"
)
NO_LIST = "not a list: neither a feed or sitemap, nor plain text with a source on each line"
NOT_UTF8 = "not text in UTF-8"
NO_ADDRESS = "not an http(s) address; a list from the network cannot name files of this machine"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
"""The byte order marks of UTF-16."""
MAX_SHOWN_CHARS = 300
"""The most characters shown of an entry without a source."""

ALWAYS = DateRange()

Read = Callable[[str], Page]
"""Reads a list from an address. Raises PageUnavailable, BadSource."""


def expect(given: str) -> None:
    """Raise BadSource if a file cannot be read as a list; an address is not requested.

    Commands call it before they create files. What can be read only once, like a pipe, is not read.
    """
    if given == "-" or is_address(given):
        return
    try:
        kind = os.stat(given).st_mode  # noqa: PTH116  Path's own raises for what cannot be a name
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            return
        with Path(given).open("rb") as raw:
            head = raw.readline(512).decode("utf-8-sig", "replace")
    except OSError as error:
        raise BadSource(given, f"cannot be read: {error.strerror}") from error
    if _is_document(head.strip(), Path(given).suffix.lower()):
        next(_file(Path(given), _no_network, DateRange(), None), None)


def _no_network(url: str) -> Page:
    """Raise BadSource in place of a request."""
    raise BadSource(url, "not read yet")


def read(
    given: str,
    stdin: Iterable[str] = (),
    get: Read = _no_network,
    window: DateRange = ALWAYS,
    column: str | None = None,
) -> Iterator[Listed]:
    """Yields the entries of a list.

    ``given`` is a file, an address, which ``get`` reads, or "-" for ``stdin``. Articles of feeds
    and sitemaps are restricted to ``window``. ``column`` is the name of the column with the
    sources. Raises BadSource, PageUnavailable for what cannot be read as a list.
    """
    if given == "-":
        yield from _text(stdin, given, window, column)
    elif is_address(given):
        yield from map(_without_files, _fetched(given, get, window, column))
    else:
        yield from _file(Path(given), get, window, column)


def _fetched(given: str, get: Read, window: DateRange, column: str | None) -> Iterator[Listed]:
    """Yields the entries of a list at an address. Raises BadSource, PageUnavailable."""
    page = get(given)
    if sources.sitemaps.is_sitemap(page) or sources.feeds.is_feed(page):
        yield from _xml(page, given, get, window)
    elif page.html.lstrip().startswith("<"):
        raise BadSource(given, NO_LIST)
    else:
        yield from _text(page.html.splitlines(keepends=True), given, window, column)


def _without_files(entry: Listed) -> Listed:
    """Returns an entry of a list from the network; a file's name is no valid source in it."""
    if entry.trouble or _is_of_network(entry.source):
        return entry
    return replace(entry, source=_shown(name_of(entry.source)), trouble=NO_ADDRESS)


def _is_of_network(source: Source) -> bool:
    """Whether a source names addresses alone."""
    if not isinstance(source, FeedItem):
        return is_address(name_of(source))
    named = [source.url or "", *(link.url for link in source.media)]
    return all(is_address(one) for one in named if one)


def _file(path: Path, get: Read, window: DateRange, column: str | None) -> Iterator[Listed]:
    """Yields the entries of a file, which is opened once and read once: it may be a pipe."""
    name = str(path)
    try:
        with path.open("rb") as raw:
            head = raw.peek()
            if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\x1f\x8b")):
                yield from _xml(client.read_list(raw, name), name, get, window)
                return
            if head.startswith(UTF16) or b"\0" in head:
                raise BadSource(name, "cannot be read: not a list in UTF-8")
            with TextIOWrapper(raw, "utf-8-sig", "surrogateescape", newline="") as file:
                yield from _text(file, name, window, column)
    except OSError as error:
        raise BadSource(name, f"cannot be read: {error.strerror}") from error


def _xml(page: Page, name: str, get: Read, window: DateRange) -> Iterator[Listed]:
    """Yields the articles of a feed or sitemap that is read already."""
    if sources.feeds.is_feed(page):
        yield from (Listed(item, name) for item in feed(name, page, window))
    else:
        yield from _sitemap(page, name, get, window)


def _text(
    file: Iterable[str], name: str, window: DateRange, column: str | None
) -> Iterator[Listed]:
    """Yields the entries of a list's text; the suffix of its name tells a table from lines."""
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
    yield from map(_without_strays, found)


def _without_strays(entry: Listed) -> Listed:
    """Returns an entry with bytes that are not UTF-8 replaced; with them, a source is invalid."""
    if not (isinstance(entry.source, str) and _has_strays(entry)):
        return entry
    columns = json.loads(encodable(json.dumps(dict(entry.columns), ensure_ascii=False)))
    trouble = entry.trouble or (NOT_UTF8 if SURROGATE.search(entry.source) else None)
    return replace(
        entry,
        source=encodable(entry.source),
        columns=columns,
        trouble=trouble and encodable(trouble),
    )


def _has_strays(entry: Listed) -> bool:
    columns = json.dumps(dict(entry.columns), ensure_ascii=False)
    return bool(SURROGATE.search(f"{entry.source}{entry.trouble or ''}{columns}"))


def _is_document(first: str, suffix: str) -> bool:
    """Whether a text is one JSON value, judged by its first line and its file's suffix."""
    return suffix == JSON_SUFFIX or bool(DOCUMENT.fullmatch(first))


def document(
    text: str, name: str, window: DateRange, column: str | None = None
) -> Iterator[Listed]:
    """Yields the entries of a JSON document: an array, or a JSON Feed, which has ``items``.

    Raises BadSource.
    """
    try:
        value = strict_json.read(text)
    except ValueError as error:
        if getattr(error, "msg", None) == "Extra data":  # JSON lines in a .json file
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
    """Yields the entries of a list with a source or a JSON value on each line.

    Blank lines and comments (#) are skipped. ``first`` is the number of the first line.
    """
    for number, line in enumerate(text, start=first):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        found = _of_json(entry, column) if entry.startswith(("{", '"')) else Listed(entry)
        yield replace(found, in_list=name, line=number)


def _of_json(line: str, column: str | None) -> Listed:
    """Returns the entry of a line of JSON."""
    try:
        return _of_value(strict_json.read(line), line, column)
    except ValueError as error:
        return Listed(_shown(line), trouble=f"not JSON: {error}")


def _of_value(value: object, text: str, column: str | None) -> Listed:
    """Returns the entry of a JSON value, without its list; ``text`` is the value as JSON."""
    source = _within(value, column)
    columns: dict[str, Any] = {}
    if isinstance(value, dict):
        place = _column_of(value, column)
        columns = {key: other for key, other in value.items() if key != place}
    if source is None:
        return Listed(_shown(text), columns=columns, trouble=f"no address in {_named(column)}")
    return Listed(source, columns=columns)


def _column_of(value: dict[str, Any], column: str | None) -> str | None:
    """Returns the name of the column that should have the source; None if it is missing."""
    return next((name for name in ((column,) if column else COLUMNS) if name in value), None)


def _within(value: object, column: str | None) -> str | None:
    """Returns the source in a JSON value: a string, or one in an object's column."""
    if isinstance(value, dict):
        place = _column_of(value, column)
        value = value[place] if place is not None else None
    return value if isinstance(value, str) and value else None


def _named(column: str | None) -> str:
    return f"the column {column}" if column else f"a column {', '.join(COLUMNS)}"


def _shown(text: str) -> str:
    """Returns what messages show of an entry without a source."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN_CHARS else f"{line[:MAX_SHOWN_CHARS]}..."


def table(
    file: Iterable[str], separator: str, name: str = "the table", column: str | None = None
) -> Iterator[Listed]:
    """Yields the entries of a table with a heading row.

    Raises BadSource if no column can have the sources.
    """
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
    """Yields a feed's articles in a range of time."""
    for item in page_worker.items(page):
        if window.has(item.published):
            yield replace(item, listed_in=item.listed_in or name)


def sitemap(given: str, get: Read, window: DateRange) -> Iterator[Listed]:
    """Yields the articles of a sitemap and of the sitemaps that it lists.

    A listed sitemap that cannot be read is yielded as a source, which then fails. Raises BadSource,
    PageUnavailable if ``given`` itself cannot be read.
    """
    page = get(given) if is_address(given) else client.load_list(Path(given))
    yield from _sitemap(page, given, get, window)


def _sitemap(page: Page, name: str, get: Read, window: DateRange) -> Iterator[Listed]:
    """Yields what ``sitemap`` does, of a sitemap that is read already."""

    def load(asked: str) -> Page:
        if asked == name:
            return page
        return get(asked) if is_address(asked) else client.load_list(Path(asked))

    for entry in sitemap_crawl.articles(name, load, window):
        yield Listed(entry.source if isinstance(entry, UnreadableSitemap) else entry, name)


def nested(source: str, get: Read, window: DateRange) -> Iterator[FeedItem]:
    """Yields the articles of a list's entry that is itself a feed or a sitemap.

    Entries of such a nested list are never read as lists, so that lists that name each other come
    to an end. Raises BadSource, PageUnavailable.
    """
    page = get(source) if is_address(source) else client.load_list(Path(source))
    if sources.feeds.is_feed(page):
        yield from (item for item in feed(source, page, window) if item.name != source)
        return

    def load(asked: str) -> Page:
        return page if asked == source else get(asked)

    for entry in sitemap_crawl.articles(source, load, window):
        yield FeedItem(None, entry.source) if isinstance(entry, UnreadableSitemap) else entry
