"""A server's index of results: each read once, and again after a change."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from test_store import captioned

from aligner.captions import store
from aligner.captions.formats import sidecar_reader
from aligner.review import edits, result_index
from aligner.review.result_index import ResultIndex

MANY = 60


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was parsed, in order."""
    texts: list[str] = []
    real = sidecar_reader.read

    def read(text: str) -> object:
        texts.append(text)
        return real(text)

    monkeypatch.setattr(sidecar_reader, "read", read)
    return texts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(result_index, "LIST_S", 60.0)
    store.write_outcome(captioned("https://a.example/r0"), tmp_path, "r0", ("json",))
    text = (tmp_path / "r0.json").read_text("utf-8")
    for number in range(1, MANY):
        (tmp_path / f"r{number}.json").write_text(text, "utf-8")
    (tmp_path / "other.json").write_text("{}", "utf-8")
    return tmp_path


def test_each_result_is_read_once(folder: Path, reads: list[str]) -> None:
    index = ResultIndex(folder)
    assert len(index.rows()) == MANY
    assert len(reads) == MANY + 1
    assert len(index.rows()) == MANY
    assert len(reads) == MANY + 1  # no result is read again, nor is what is none
    changed = replace(captioned("https://a.example/r0"), reason="anew")
    store.write_outcome(changed, folder, "r0", ("json",))
    (folder / "r1.json").unlink()
    reads.clear()
    rows = {row["name"]: row for row in index.rows()}
    assert len(reads) == 1
    assert rows["r0"]["reason"] == "anew"
    assert "r1" not in rows


def test_a_request_for_one_result_reads_no_other(folder: Path, reads: list[str]) -> None:
    index = ResultIndex(folder)
    for _ in range(20):
        index.load("r7")
    assert len(reads) == 1
    text, _ = index.load("r7")
    record = json.loads(text)
    record["cues"][0]["lines"] = ["Rain!"]
    posted = {"version": store.version_of(text), "words": record["words"], "cues": record["cues"]}
    edits.save(folder, "r7", posted)
    assert "Rain!" in index.load("r7")[0]
    for number in range(MANY):
        index.load(f"r{number}")
    assert len(index._last) == result_index.READ_LAST


def test_an_interrupted_save_is_completed_first(folder: Path) -> None:
    index = ResultIndex(folder)
    before, _ = index.load("r7")
    after = before.replace("why", "interrupted")
    (folder / ".r7.saving").write_text(json.dumps({".json": after}), "utf-8")
    assert index.load("r7")[0] == after
    assert not (folder / ".r7.saving").exists()


def test_the_list_does_not_wait_for_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_index, "LIST_S", 0.0)
    index = ResultIndex(folder)
    assert [row["status"] for row in index.rows()] == ["not_read"] * (MANY + 1)
    index.start()
    end = time.monotonic() + 60
    while any(row["status"] == "not_read" for row in index.rows()) and time.monotonic() < end:
        time.sleep(0.05)
    assert [row["status"] for row in index.rows()] == ["captioned"] * MANY
    index.close()


def test_of_a_result_that_is_listed_only_its_row_is_kept(folder: Path) -> None:
    index = ResultIndex(folder)
    index.rows()
    assert not index._last
    assert max(len(json.dumps(row)) for _, row in index._rows.values()) < 1_000
