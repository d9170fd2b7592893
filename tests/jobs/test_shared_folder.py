"""A results' folder in which others write too: no link is followed, and nobody's file is lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from test_store import captioned

from aligner.captions import store
from aligner.captions.profiles import PROFILES
from aligner.errors import OutputError
from aligner.jobs import Batch, BatchOptions, checkpoint
from aligner.jobs.model import INNER
from aligner.pipeline.options import Options
from aligner.pipeline.state import initial_state
from aligner.review import extras
from aligner.types import FeedItem, MediaFile, MediaLink

SOURCE = "gone.html"


def run(folder: Path) -> None:
    with Batch(Options(), BatchOptions(folder)) as batch:
        batch.enter([SOURCE])
        list(batch.results())


@pytest.mark.parametrize("link", ["", "work", "runs", "ledger.sqlite", "ledger.sqlite-wal"])
def test_links_in_place_of_the_ledgers_files(tmp_path: Path, link: str) -> None:
    """What a link leads to has names that a batch would remove or change."""
    theirs, out = tmp_path / "theirs", tmp_path / "out"
    (theirs / "1").mkdir(parents=True)
    (theirs / "1" / "precious").write_text("precious", "utf-8")
    place = out / INNER / link
    place.parent.mkdir(parents=True)
    place.symlink_to(theirs / "1" / "precious" if "sqlite" in link else theirs)
    with pytest.raises(OutputError):
        run(out)
    found = [p.relative_to(theirs).as_posix() for p in theirs.rglob("*")]
    assert sorted(found) == ["1", "1/precious"]
    assert (theirs / "1" / "precious").read_text("utf-8") == "precious"


def test_a_link_in_place_of_the_folder_of_recordings(tmp_path: Path) -> None:
    from aligner.jobs.extra_outputs import ExtraOutputs
    from aligner.review.extras import Extras

    theirs, out = tmp_path / "theirs", tmp_path / "out"
    theirs.mkdir()
    out.mkdir()
    (out / "media").symlink_to(theirs)
    (tmp_path / "found.mp3").write_bytes(b"sound")
    with pytest.raises(OutputError):
        ExtraOutputs(out, Extras(), Options(), keep_media=True).keep(tmp_path / "found.mp3", "rain")
    assert not list(theirs.iterdir())


def resumed(folder: Path, source: str | FeedItem, link: MediaLink, file: Path) -> bool:
    """Whether a state with a recording is resumed."""
    state = replace(
        initial_state(source), links=(link,), media=MediaFile(file, link, None, "0" * 64)
    )
    encoded = checkpoint.state_bytes(state, "download")
    try:
        checkpoint.read_state(encoded, source, folder)
    except ValueError:
        return False
    return True


def test_a_state_leads_to_no_file_elsewhere(tmp_path: Path) -> None:
    work, secret, page = tmp_path / "work", tmp_path / "home" / "a.mp3", tmp_path / "page"
    for folder in (work, page, secret.parent):
        folder.mkdir()
        (folder / "a.mp3").write_bytes(b"sound")
    (work / "link.mp3").symlink_to(secret)
    address = "https://a.example/rain"
    remote = MediaLink("https://a.example/a.mp3", "audio", "html5")
    here, beside = (MediaLink(str(f), "audio", "html5") for f in (secret, page / "a.mp3"))
    assert resumed(work, address, remote, work / "a.mp3")
    assert not resumed(work, address, remote, secret)
    assert not resumed(work, address, remote, work / "link.mp3")
    assert not resumed(work, address, here, secret)
    assert not resumed(work, str(page / "index.html"), here, secret)
    assert resumed(work, str(page / "index.html"), beside, page / "a.mp3")
    assert resumed(work, FeedItem("Rain", None, (beside,)), beside, page / "a.mp3")
    assert not resumed(work, FeedItem("Rain", address, (remote,)), here, secret)


def test_a_source_is_that_of_the_list_and_not_of_the_ledger(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("A secret.", "utf-8")
    out = tmp_path / "out"
    with Batch(Options(), BatchOptions(out)) as batch:
        batch.enter([SOURCE])
    other = checkpoint.source_bytes(FeedItem(None, SOURCE, (), "A secret."))
    for source in (checkpoint.source_bytes(str(secret)), other):
        with closing(sqlite3.connect(out / INNER / "ledger.sqlite")) as db, db:
            db.execute("UPDATE items SET source = ?, status = 'queued'", (source,))
        with Batch(Options(), BatchOptions(out)) as batch:
            batch.enter([SOURCE])
            (done,) = batch.results()
        assert done.outcome.source == SOURCE
        assert done.outcome.article is None


def test_a_name_that_another_source_has_got_meanwhile(tmp_path: Path) -> None:
    """As where `aligner caption` writes into the folder of a batch that runs."""
    with Batch(Options(), BatchOptions(tmp_path)) as batch:
        batch.enter([SOURCE])
        store.write_outcome(captioned("https://b.example/gone"), tmp_path, "gone", ("vtt", "txt"))
        before = (tmp_path / "gone.json").read_bytes()
        (done,) = batch.results()
        batch.write_reports()
    assert done.name.startswith("gone-")
    assert (tmp_path / "gone.json").read_bytes() == before
    made = json.loads((tmp_path / f"{done.name}.json").read_text("utf-8"))
    assert made["source"]["given"] == SOURCE
    with Batch(Options(), BatchOptions(tmp_path)) as batch:
        batch.enter(["https://b.example/gone"])
        assert [item.name for item in batch.ledger.wanted()] == []


def test_a_file_that_is_called_as_a_report_is_kept(tmp_path: Path) -> None:
    """Such as a saved article, which may also be one of the sources."""
    for name in ("report.html", "report.jsonl"):
        (tmp_path / name).write_text("<p>An article.", "utf-8")
    for _ in range(2):
        run(tmp_path)
        with Batch(Options(), BatchOptions(tmp_path)) as batch:
            batch.enter([SOURCE])
            places = batch.write_reports()
    assert [Path(place).name for place in places] == [
        "report.captions.jsonl",
        "report.captions.html",
    ]
    for name in ("report.html", "report.jsonl"):
        assert (tmp_path / name).read_text("utf-8") == "<p>An article."
    (tmp_path / "report.html").unlink()
    for _ in range(2):
        with Batch(Options(), BatchOptions(tmp_path)) as batch:
            batch.enter([SOURCE])
            assert Path(batch.write_reports()[1]).name == "report.html"


def test_a_review_page_replaces_no_page_of_others(tmp_path: Path) -> None:
    article = tmp_path / "rain.html"
    article.write_text("<p>It rains.", "utf-8")
    store.write_outcome(captioned(str(article)), tmp_path, "rain", ("vtt",))
    for _ in range(2):
        made = extras.page(tmp_path / "rain.json", PROFILES["netflix"], None, None)
        assert made.name == "rain.captions.html"
    assert article.read_text("utf-8") == "<p>It rains."
    article.unlink()
    for _ in range(2):
        made = extras.page(tmp_path / "rain.json", PROFILES["netflix"], None, None)
        assert made.name == "rain.html"
    run(tmp_path)
    with Batch(Options(), BatchOptions(tmp_path)) as batch:
        batch.write_reports()
    store.write_outcome(captioned(), tmp_path, "report", ("vtt",))  # of an earlier version
    made = extras.page(tmp_path / "report.json", PROFILES["netflix"], None, None)
    assert made.name == "report.captions.html"
