"""Lists from the network that name files of this machine: no entry is one of these files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from server import Reply, Server

from aligner.jobs import Batch, BatchOptions
from aligner.net import client
from aligner.pipeline import source_lists
from aligner.pipeline.options import Options
from aligner.pipeline.source import name_of
from aligner.types import FeedItem, Listed

WEB = client.WebOptions(allow_private=True)


def lists(file: str) -> dict[str, tuple[str, str]]:
    """Lists that name a file, by their addresses: their text and content type."""
    item = f"<item><title>A</title><link>{file}</link><guid>{file}</guid>{{}}</item>"
    enclosed = f"<enclosure url='{file}' type='audio/mpeg'/>"
    return {
        "/plain.txt": (f"{file}\nfile://{file}\n", "text/plain"),
        "/a.csv": (f"url,title\n{file},A\n", "text/csv"),
        "/a.tsv": (f"title\tlink\nA\t{file}\n", "text/tab-separated-values"),
        "/a.json": (json.dumps([file, {"url": file}]), "application/json"),
        "/a.jsonl": (json.dumps({"url": file}), "application/jsonl"),
        "/feed.json": (json.dumps({"items": [
            {"url": file, "date_published": "2026-11-03T09:30:00Z"}, {"url": file}]}),
            "application/feed+json"),
        "/rss": (f"<rss><channel>{item.format('')}{item.format(enclosed)}</channel></rss>",
                 "application/rss+xml"),
        "/sitemap": (f"<urlset><url><loc>{file}</loc></url></urlset>", "text/xml"),
        "/index": (f"<sitemapindex><sitemap><loc>{file}</loc></sitemap></sitemapindex>",
                   "text/xml"),
    }  # fmt: skip


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text("A secret that nobody is to read.", "utf-8")
    return path


@pytest.fixture
def site(secret: Path) -> Iterator[Server]:
    made = lists(str(secret))
    replies = {path: Reply(text.encode(), kind) for path, (text, kind) in made.items()}
    with Server(replies) as server:
        yield server


def read(server: Server, path: str) -> list[Listed]:
    with client.Session(WEB) as session:
        return list(source_lists.read(server.url(path), get=session.fetch_list))


@pytest.mark.parametrize("path", lists("x"))
def test_no_entry_is_a_file(site: Server, path: str) -> None:
    for entry in read(site, path):
        if entry.trouble:
            assert source_lists.NO_ADDRESS in entry.trouble
            continue
        source = entry.source
        named = [source]
        if isinstance(source, FeedItem):
            named = [source.url or "", *(link.url for link in source.media)]
        assert all(str(one).startswith("http://127.0.0.1") for one in named if one)


def test_a_batch_of_such_lists_reads_none(site: Server, secret: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Batch(Options(allow_private=True), BatchOptions(out)) as batch:
        for path in lists(""):
            batch.enter(read(site, path))
        statuses = {name_of(done.outcome.source): done.outcome for done in batch.results()}
        batch.write_reports()
    assert statuses[str(secret)].status == "error"
    assert "a list from the network" in statuses[str(secret)].reason
    made = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"nobody is to read" not in made
