"""What lists may look like, and the sources in them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from server import Reply, Server

from aligner.errors import BadSource
from aligner.net import client
from aligner.pipeline import source_lists
from aligner.pipeline.source import name_of
from aligner.types import DateRange, Listed, Page

A, B = "https://example.com/a", "https://example.com/b"
FEED = f"""<rss version="2.0"><channel><title>News</title>
<item><title>One</title><link>{A}</link><pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate></item>
<item><title>Two</title><link>{B}</link><pubDate>Mon, 09 Nov 2026 10:00:00 GMT</pubDate></item>
</channel></rss>"""
SITEMAP = f"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>{A}</loc><lastmod>2026-11-02</lastmod></url>
<url><loc>{B}</loc><lastmod>2026-11-09</lastmod></url></urlset>"""


def nobody(url: str) -> Page:
    raise AssertionError(url)


def sources(given: str, stdin: Iterable[str] = (), column: str | None = None) -> list[str]:
    return [name_of(e.source) for e in source_lists.read(given, stdin, nobody, DateRange(), column)]


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("list.txt", f"# articles\n\n{A}\n  {B}  \n", None),
        ("list.txt", f"\ufeff{A}\r\n{B}\r\n", None),
        ("list.csv", f"title,URL\nOne,{A}\n,\nTwo,{B}\n", None),
        ("list.csv", f'page,note\n{A},"two\nlines"\n{B},\n', "page"),
        ("list.csv", f"whatever\n{A}\n{B}\n", None),
        ("list.tsv", f"title\tlink\nOne\t{A}\nTwo\t{B}\n", None),
        ("list.jsonl", f'{{"url": "{A}"}}\n{{"source": "{B}"}}\n', None),
        ("list.jsonl", f'{{"x": "{A}", "url": "no"}}\n{{"x": "{B}"}}\n', "x"),
        ("list.jsonl", f'"{A}"\n"{B}"\n', None),
        ("list.json", f'["{A}", "{B}"]', None),
        ("list.json", f'[\n  {{"url": "{A}", "n": 1}},\n  {{"link": "{B}"}}\n]\n', None),
        ("list.json", f'{{"items": [{{"x": "{A}"}}, {{"x": "{B}"}}]}}', "x"),
        ("list.json", f'{{"url": "{A}"}}\n{{"url": "{B}"}}\n', None),
        ("any-name", f'\n[\n"{A}",\n"{B}"]', None),
        ("feed.xml", FEED, None),
        ("any-name", SITEMAP, None),
    ],
)
def test_forms_of_lists(tmp_path: Path, name: str, text: str, column: str | None) -> None:
    (tmp_path / name).write_bytes(text.encode())
    assert sources(str(tmp_path / name), column=column) == [A, B]


def entries(tmp_path: Path, name: str, text: str | bytes) -> list[Listed]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = source_lists.read(str(path), (), nobody, DateRange())
    return [replace(entry, in_list=None) for entry in found if entry.in_list == str(path)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("list.txt", f"# remark\n\n{A}\n\n{B}", [(A, 3, {}), (B, 5, {})]),
        ("list.csv", f"id,url,desk\n7,{A},city\n\n8,{B},",
         [(A, 2, {"id": "7", "desk": "city"}), (B, 4, {"id": "8", "desk": ""})]),
        ("list.csv", f'url,note\n{A},"two\nlines"\n{B},\n',
         [(A, 2, {"note": "two\nlines"}), (B, 4, {"note": ""})]),
        ("list.tsv", f"url\t\tid\tid\n{A}\ta\tb\tc\td\n",
         [(A, 2, {"column 2": "a", "id": "b", "column 4": "c", "column 5": "d"})]),
        ("list.jsonl", f'{{"url": "{A}", "id": 7, "tags": ["x"]}}\n\n"{B}"\n',
         [(A, 1, {"id": 7, "tags": ["x"]}), (B, 3, {})]),
        ("list.json", f'[{{"id": 7, "url": "{A}"}}, "{B}"]', [(A, None, {"id": 7}), (B, None, {})]),
        ("list.json", f'{{"items": [{{"url": "{A}", "content_html": "long"}}]}}', [(A, None, {})]),
        ("list.csv", f"url,id\n{A},caf\xe9\n".encode("latin-1"), [(A, 2, {"id": "caf\ufffd"})]),
    ],
)  # fmt: skip
def test_what_a_list_says_of_its_entries(
    tmp_path: Path, name: str, text: str | bytes, expected: list[tuple[str, int | None, object]]
) -> None:
    found = entries(tmp_path, name, text)
    assert [(e.source, e.line, e.columns) for e in found] == expected
    assert not [e.trouble for e in found if e.trouble]


@pytest.mark.parametrize(
    ("name", "text", "source", "line", "why"),
    [
        ("x.csv", f"url,id\n,7\n{A},8\n", ",7", 2, "no address in the column url"),
        ("x.csv", f'id,url\n"7,{B}\n8,{A}\n', f'"7,{B}', 2, "quoting is broken"),
        ("x.csv", f"id,url\n{'9' * 1_100_000},{B}\n8,{A}\n", "9" * 300 + "...", 2, "larger than"),
        ("x.csv", f"id,url\n7,{B}x\xe9\n8,{A}\n".encode("latin-1"), f"{B}x\ufffd", 2, "UTF-8"),
        ("x.txt", f"{B}\xe9\n{A}\n".encode("latin-1"), f"{B}\ufffd", 1, "not text in UTF-8"),
        ("x.jsonl", f'{{"url": \n"{A}"\n', '{"url":', 1, "not JSON: "),
        ("x.jsonl", f'{{"url": 5}}\n"{A}"\n', '{"url": 5}', 1, "no address in a column url, "),
        ("x.json", f'[{{"url": ""}}, "{A}"]', '{"url": ""}', None, "no address in a column url, "),
    ],
)
def test_a_bad_entry_costs_no_other(
    tmp_path: Path, name: str, text: str | bytes, source: str, line: int | None, why: str
) -> None:
    bad, good = entries(tmp_path, name, text)
    assert (bad.source, bad.line) == (source, line)
    assert why in (bad.trouble or "")
    assert (good.source, good.trouble) == (A, None)


def test_a_row_whose_quotes_are_repaired(tmp_path: Path) -> None:
    (one, two) = entries(tmp_path, "x.csv", f'url,title\n{A},"The "Times" says\n{B},no\n')
    assert (one.source, one.trouble, one.columns["title"][:4]) == (A, None, "The ")
    assert (two.source, two.line) == (B, 3)


def test_standard_input() -> None:
    assert sources("-", [f"{A}\n", "\n", f"{B}\n"]) == [A, B]


def test_a_json_feed_of_a_span_of_time(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_text(
        '{"version": "https://jsonfeed.org/version/1.1", "items": ['
        f'{{"url": "{A}", "date_published": "2026-11-02T10:00:00Z"}},'
        f'{{"url": "{B}", "date_published": "2026-11-09T10:00:00Z"}}]}}'
    )
    since = DateRange(since=datetime(2026, 11, 5, tzinfo=UTC))
    assert [name_of(e.source) for e in source_lists.read(str(path), (), nobody, since)] == [B]


def test_a_document_on_standard_input() -> None:
    assert sources("-", ["[\n", f'"{A}",\n', f'{{"url": "{B}"}}]\n']) == [A, B]


def test_a_broken_line_is_a_source_all_the_same() -> None:
    assert sources("-", ['{"url": 5}', '{"url": ', A]) == ['{"url": 5}', '{"url":', A]
    assert sources("-", [f'["{A}", 5, {{"url": ""}}]']) == [A, "5", '{"url": ""}']


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("x.csv", b"title,page\na,b\n", "no column url, source"),
        ("x.txt", b"\xff\xfe\x00", "not a list in UTF-8"),
        ("x.csv", "url,id\n".encode("utf-16"), "not a list in UTF-8"),
        ("x.txt", "h\n".encode("utf-16-le"), "not a list in UTF-8"),
        ("x.xml", b"<html><p>Hello", "not a sitemap"),
        ("none.txt", None, "No such file"),
        ("x.json", b'{"schema": "aligner/1", "cues": []}', "JSON array of addresses"),
        ("x.json", b'"word"', "JSON array of addresses"),
        ("x.json", b'["https://a.example/", ', "not JSON either: "),
        ("x.txt", b'[{"url": "https://a.example/"', "not JSON either: "),
    ],
)
def test_what_is_no_list(tmp_path: Path, name: str, text: bytes | None, why: str) -> None:
    if text is not None:
        (tmp_path / name).write_bytes(text)
    with pytest.raises(BadSource, match=why):
        sources(str(tmp_path / name))


@pytest.mark.parametrize(
    ("path", "count"),
    [("/feed", 1), ("/sitemap", 1), ("/list.txt", 2), ("/list.csv", 2), ("/page", 0)],
)
def test_lists_at_addresses(path: str, count: int) -> None:
    routes = {
        "/feed": Reply(FEED.encode(), "application/rss+xml"),
        "/sitemap": Reply(SITEMAP.encode(), "application/xml"),
        "/list.txt": Reply(f"{A}\n{B}\n".encode(), "text/plain"),
        "/list.csv": Reply(f"url\n{A}\n{B}\n".encode(), "text/csv"),
        "/page": Reply(b"<html><p>Hello"),
    }
    window = DateRange(since=datetime(2026, 11, 5, tzinfo=UTC))
    with Server(routes) as server, client.Session(client.WebOptions(allow_private=True)) as session:
        found = source_lists.read(server.url(path), (), session.fetch_list, window)
        if count:
            assert [name_of(e.source) for e in found] == [A, B][-count:]
        else:
            with pytest.raises(BadSource, match="not a list"):
                list(found)
