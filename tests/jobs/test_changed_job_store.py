"""A ledger that somebody changed: the batch goes on, and nothing outside its folder is touched."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aligner.jobs import Batch, BatchOptions
from aligner.pipeline.options import Options

SOURCE = "gone.html"
RUN = "INSERT INTO runs VALUES ({}, 'host', 1, {}, NULL)"
CHANGES = {
    "a record that is a list": "UPDATE items SET record = '[1]'",
    "a record that is no JSON": "UPDATE items SET record = 'x'",
    "a record of bytes": "UPDATE items SET record = x'ff00'",
    "a record whose coverage is a number": """UPDATE items SET record = '{"coverage": 5}'""",
    "a record whose length is a text": """UPDATE items SET record = '{"duration_ms": "y"}'""",
    "a record whose files are a number": """UPDATE items SET record = '{"files": 5}'""",
    "a status that there is not": "UPDATE items SET status = 'odd'",
    "a source that is a text": "UPDATE items SET source = 'text', status = 'queued'",
    "deaths that are a text": "UPDATE items SET state = 'x', status = 'queued', step = 'y'",
    "a run that was seen at no time": RUN.format("'0123456789abcdef'", "'y'"),
    "no table of steps": "DROP TABLE steps",
}


def changed(folder: Path, change: str) -> None:
    """A folder whose only article ended, and whose ledger was then changed."""
    with Batch(Options(), BatchOptions(folder)) as batch:
        batch.enter([SOURCE])
        assert [done.outcome.status for done in batch.results()] == ["error"]
    with closing(sqlite3.connect(folder / ".aligner" / "ledger.sqlite")) as db:
        db.executescript(change)


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_batch_goes_on(change: str, tmp_path: Path) -> None:
    changed(tmp_path, change)
    with Batch(Options(), BatchOptions(tmp_path)) as batch:
        batch.enter([SOURCE])
        list(batch.results())
        batch.write_reports()


def test_a_name_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    changed(inner, "UPDATE items SET name = '../../outside', status = 'queued'")
    with Batch(Options(), BatchOptions(inner)) as batch:
        batch.enter([SOURCE])
        assert [done.outcome.status for done in batch.results()] == ["error"]
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_a_run_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    inner = tmp_path / "a"
    changed(inner, RUN.format("'../../../mine'", "1"))
    (tmp_path / "mine.files").mkdir()
    (tmp_path / "mine.lock").touch()
    with Batch(Options(), BatchOptions(inner)) as batch:
        batch.enter([SOURCE])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "mine.files", "mine.lock"]
