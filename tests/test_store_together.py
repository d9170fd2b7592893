"""Results that several processes write at once, or that one is killed over: whole, old or new."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from killing import killed_at_every_step
from test_store import ALL, captioned, names

from aligner.captions import store
from aligner.captions.formats import JSON, PLAIN
from aligner.errors import OutputError
from aligner.types import CaptionResult

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
]

WRITE = """
from pathlib import Path
from aligner import store
from aligner.captions.formats import sidecar_reader
outcome, _ = sidecar_reader.read(Path(given).read_text("utf-8"))
def work(folder):
    store.write_outcome(outcome, folder, "rain", ("vtt", "json", "txt", "hls"))
"""


def files(folder: Path) -> dict[str, bytes]:
    """All files but those that are hidden."""
    found = (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


@pytest.mark.parametrize("earlier", ["none", "ours", "by hand"])
def test_a_kill_at_any_step_of_writing(tmp_path: Path, earlier: str) -> None:
    source = tmp_path / "source"
    source.mkdir()
    if earlier != "none":
        store.write_outcome(captioned(), source, "rain", (*ALL, "hls"))
    if earlier == "by hand":
        (source / "rain.vtt").write_text("by hand", "utf-8")
    old = files(source)
    anew = replace(captioned(), reason="anew", duration_ms=900)
    (tmp_path / "new.json").write_text(JSON.render(anew, PLAIN), "utf-8")
    *copies, finished = killed_at_every_step(source, WRITE, str(tmp_path / "new.json"))
    new, seen = files(finished), []
    assert len(copies) >= 20
    for folder in copies:
        there = store.read_result(folder, "rain")
        is_new = bool(there and there.outcome.reason == "anew")
        found = files(folder)
        if is_new or earlier == "by hand":
            assert (
                new.get("rain.before.vtt", b"") == found.get("rain.before.vtt", b"") or not is_new
            )
        found.pop("rain.before.vtt", None)
        expected = {k: v for k, v in (new if is_new else old).items() if ".before" not in k}
        assert found == expected, folder.name
        seen.append(is_new)
        store.write_outcome(anew, folder, "rain", (*ALL, "hls"))
        again = files(folder)
        assert {k: v for k, v in again.items() if ".before" not in k} == {
            k: v for k, v in new.items() if ".before" not in k
        }
        if earlier == "by hand":
            assert again["rain.before.vtt"] == b"by hand"
    assert seen == sorted(seen)
    assert {True, False} <= set(seen)


TOGETHER = """
import json, pathlib, sys
from aligner import store
from aligner.errors import EditConflict
from aligner.review import edits

folder, kind = pathlib.Path(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
saved = 0
for turn in range(15):
    if kind != "save":
        (folder / f"rain.{kind}").unlink(missing_ok=True)
        store.completed(folder, "rain", (kind,))
        continue
    text = edits.load(folder, "rain")
    record = json.loads(text)
    record["cues"][0] |= {"lines": [f"{sys.argv[3]} {turn}"], "origin": "edited"}
    posted = {"version": store.version_of(text), "words": record["words"], "cues": record["cues"]}
    try:
        edits.save(folder, "rain", posted)
        saved += 1
    except EditConflict:
        continue
print(saved)
"""


def test_several_processes_at_once(tmp_path: Path) -> None:
    """Two that save and two that render: the files are those of one sidecar, the last one."""
    made: CaptionResult = captioned()
    store.write_outcome(made, tmp_path, "rain", ("vtt", "json", "srt", "txt"))
    kinds = [("save", "one"), ("save", "two"), ("srt", ""), ("ttml", "")]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", TOGETHER, str(tmp_path), *kind],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for kind in kinds
    ]  # fmt: skip
    saved = 0
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process, (kind, _) in zip(running, kinds, strict=True):
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        saved += int(out) if kind == "save" else 0
    there = store.read_result(tmp_path, "rain")
    assert there
    assert saved == json.loads(there.text)["corrections"] >= 2
    (shown,) = there.outcome.captions.cues  # type: ignore[union-attr]
    for kind in ("vtt", "srt", "ttml"):
        assert shown.lines[0] in (tmp_path / f"rain.{kind}").read_text("utf-8")
    assert not [n for n in names(tmp_path) if n.startswith(".") or ".before" in n]


def test_a_lock_that_another_holds_is_waited_for_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.journal, "PATIENCE_S", 0.1)
    with (
        store.writing(tmp_path),
        pytest.raises(OutputError, match="another program keeps writing there"),
    ):
        store.write_outcome(captioned(), tmp_path, "rain", ALL)
    store.write_outcome(captioned(), tmp_path, "rain", ALL)
