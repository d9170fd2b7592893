"""The ledger: claims, dead runs, clocks, many items."""

import json
import time
from functools import partial
from pathlib import Path

import pytest

from aligner.captions.store import free_name
from aligner.errors import OutputError
from aligner.jobs import report
from aligner.jobs.checkpoint import source_bytes
from aligner.jobs.job_store import JobStore
from aligner.jobs.ledger import LEASE_S
from aligner.jobs.rows import JobResult, LeaseLost, NewJob
from aligner.jobs.selection import JobSelection
from aligner.jobs.storage import Folder

MANY = 100_000
ALL = JobSelection()


def entered(ledger: JobStore, count: int) -> None:
    ledger.enter(
        NewJob(f"https://example.com/{n}", source_bytes("x"), str(n), str) for n in range(count)
    )


def killed(ledger: JobStore) -> None:
    """As a run ends that is killed: the system lets go of its lock, and nothing else happens."""
    ledger._db.close()
    ledger._alive.release()


def test_an_item_is_claimed_once(tmp_path: Path) -> None:
    with JobStore(tmp_path) as one, JobStore(tmp_path) as two:
        for ledger in (one, two):
            entered(ledger, 3)
            ledger.take_over()
            assert ledger.select(ALL, None) == 3
        claimed = [row.key for ledger in (one, two, one, two) if (row := ledger.claim(ALL))]
        assert len(claimed) == len(set(claimed)) == 3
        assert one.claim(ALL) is two.claim(ALL) is None
        assert one.busy_elsewhere() == 1


def test_a_ledger_of_an_earlier_version_is_taken_up(tmp_path: Path) -> None:
    with JobStore(tmp_path) as ledger:
        entered(ledger, 1)
        ledger._db.execute("ALTER TABLE items DROP COLUMN started")
        ledger._db.execute("ALTER TABLE items DROP COLUMN suspect")
    with JobStore(tmp_path) as ledger:
        entered(ledger, 1)
        ledger.select(ALL, None)
        row = ledger.claim(ALL)
        assert row
        ledger.end(row.id, JobResult("no_media", "", "{}", "vtt"), "write", 5)
        (made,) = report.records(ledger)
        assert made["started"] <= made["ended"]


def test_what_a_killed_run_was_doing_is_free_at_once(tmp_path: Path) -> None:
    dead = JobStore(tmp_path)
    entered(dead, 1)
    dead.select(ALL, None)
    row = dead.claim(ALL)
    assert row
    dead.begin(row.id, "page")
    dead.save(row.id, "find", b"{}", "page", 5)
    killed(dead)
    with JobStore(tmp_path) as ledger:
        entered(ledger, 1)
        assert ledger.take_over() == 1
        ledger.select(ALL, None)
        again = ledger.claim(ALL)
        assert again
        assert (again.id, again.state, again.step, again.deaths) == (row.id, b"{}", "find", 1)
        assert again.attempts == 2


def test_only_what_was_alone_is_blamed(tmp_path: Path) -> None:
    def run_that_dies(begun: int) -> list[str]:
        """Claims all items, begins some of them, and dies."""
        dead = JobStore(tmp_path)
        entered(dead, 4)
        dead.take_over()
        dead.select(ALL, None)
        rows = [row for _ in range(4) if (row := dead.claim(ALL))]
        for row in rows[4 - begun :]:
            dead.begin(row.id, "page")
        assert dead.claimed() == 4
        killed(dead)
        return [row.name for row in rows]

    assert run_that_dies(2) == ["0", "1", "2", "3"]
    assert run_that_dies(1) == ["0", "1", "2", "3"]  # 2 and 3 are suspects
    assert run_that_dies(1) == ["0", "1", "2", "3"]  # 3 is blamed once, and comes last
    with JobStore(tmp_path) as ledger:
        entered(ledger, 4)
        ledger.take_over()
        ledger.select(ALL, None)
        rows = [row for _ in range(4) if (row := ledger.claim(ALL))]
        assert [(row.name, row.is_suspect, row.deaths) for row in rows] == [
            ("0", False, 0), ("1", False, 0), ("2", True, 0), ("3", True, 2),
        ]  # fmt: skip
        ledger.save(rows[2].id, "find", b"{}", "page", 5)
    with JobStore(tmp_path) as ledger:
        entered(ledger, 4)
        ledger.select(ALL, None)
        first = ledger.claim(ALL)
        assert first
        assert (first.name, first.is_suspect) == ("2", False)


@pytest.mark.parametrize("seen_s", [-2 * LEASE_S, 2 * LEASE_S], ids=["expired", "clock set back"])
def test_leases_of_other_machines(tmp_path: Path, seen_s: float) -> None:
    dead = JobStore(tmp_path)
    entered(dead, 1)
    dead.select(ALL, None)
    dead.claim(ALL)
    with dead.changing() as db:
        db.execute("UPDATE runs SET host = 'elsewhere'")
    killed(dead)
    with JobStore(tmp_path) as ledger:
        assert ledger.take_over() == 0
        with ledger.changing() as db:
            db.execute("UPDATE runs SET seen = ?", (time.time() + seen_s,))
        assert ledger.take_over() == 1


def test_who_lost_an_item_changes_nothing(tmp_path: Path) -> None:
    with JobStore(tmp_path) as slow:
        entered(slow, 1)
        slow.select(ALL, None)
        row = slow.claim(ALL)
        assert row
        with slow.changing() as db:
            db.execute("UPDATE items SET owner = 'another'")
        with pytest.raises(LeaseLost):
            slow.save(row.id, "find", b"{}", "page", 1)
        with pytest.raises(LeaseLost):
            slow.end(row.id, JobResult("captioned", "", "{}", "vtt"), "write", 1)
        assert not slow.is_ours(row.id)


def test_items_of_one_name_get_different_names(tmp_path: Path) -> None:
    with JobStore(tmp_path) as ledger:
        ledger.enter(
            NewJob(key, b'"x"', name, partial(free_name, f"{name}-{key}".lower()))
            for key, name in (("a", "Story"), ("b", "story"), ("a", "Story"))
        )
        names = ledger.query("SELECT name FROM items ORDER BY id")
    assert names == [("Story",), ("story-b",)]


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        JobStore(tmp_path / "file" / "x")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    with JobStore(folder) as ledger:
        entered(ledger, MANY)
        line = json.dumps({"name": "x", "duration_ms": 1000, "files": ["x.vtt"], "cues": 1})
        with ledger.changing() as db:
            db.execute(
                "UPDATE items SET status = 'captioned', record = ?, ended = 1 WHERE id % 2", (line,)
            )
    return folder


@pytest.mark.slow
def test_many_items(many: Path, tmp_path: Path) -> None:
    with JobStore(many) as ledger:
        with ledger.changing() as db:
            db.execute("INSERT INTO listed (id, source) SELECT id, source FROM items")
        assert ledger.select(ALL, None) == MANY // 2
        assert ledger.claim(ALL)
        assert ledger.counts() == {"captioned": MANY // 2, "queued": MANY // 2 - 1, "running": 1}
        lines, page = map(Path, report.write(ledger, Folder(tmp_path)))
    with lines.open(encoding="utf-8") as file:
        assert sum(1 for _ in file) == MANY
    assert page.stat().st_size < 2_000_000
