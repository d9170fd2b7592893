"""What `aligner caption` writes of a result, and what a run that was killed leaves of it."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from killing import killed_at_every_step
from test_store import captioned, names

from aligner._util import temporary_folder
from aligner.captions import store
from aligner.captions.formats import PLAIN
from aligner.cli import caption_output
from aligner.cli.caption_output import Output, Written
from aligner.errors import InvalidCaptions
from aligner.pipeline.options import Options
from aligner.types import CaptionResult

TESTS = Path(__file__).parents[1]
WRITE = f"""
import sys
sys.path[:0] = [{str(TESTS)!r}, {str(TESTS / "captions")!r}, {str(TESTS / "cli")!r}]
from test_caption_output import written as work
"""


def written(folder: Path) -> Written:
    """Write a result whose recording was downloaded to ``folder/place``."""
    place = folder / "place"
    given: CaptionResult = replace(captioned(), file=place / "1.mp3")
    output = Output(
        folder, ("vtt", "json"), PLAIN, (), force=False, dry_run=False, as_json=False, show=False,
        quiet=True, keep_bytes=100_000,
    )  # fmt: skip
    return caption_output.write(given, "rain", Options(workplace=place), output, set())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "captions"
    (made / "place").mkdir(parents=True)
    (made / "place" / "1.mp3").write_bytes(b"sound")
    return made


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_kill_at_any_step_leaves_no_result_without_its_recording(folder: Path) -> None:
    """And nothing is left over once the next run has begun."""
    *copies, finished = killed_at_every_step(folder, WRITE)
    assert names(finished) == ["place", "rain.json", "rain.mp3", "rain.vtt"]
    leftovers = 0
    for copy in copies:
        leftovers += any(name.startswith(".rain.mp3.") for name in names(copy))
        caption_output.remove_leftovers(copy, "rain")
        there = store.read_result(copy, "rain")
        assert not [name for name in names(copy) if name.startswith(".")]
        if there is not None:
            assert (copy / "rain.mp3").read_bytes() == b"sound"
            assert names(copy) == names(finished)
    assert leftovers >= 2


def test_a_recording_whose_result_cannot_be_written_is_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        assert (folder / "rain.mp3").exists()
        raise InvalidCaptions("rain", ("an overlap",))

    monkeypatch.setattr(store, "write_outcome", fail)
    for kept in ([], ["rain.mp3"]):  # the second time it was there before
        if kept:
            (folder / "rain.mp3").write_bytes(b"sound")
        with pytest.raises(InvalidCaptions):
            written(folder)
        assert names(folder) == ["place", *kept]


def test_captions_are_written_though_the_recording_cannot_be_kept(folder: Path) -> None:
    (folder / "place" / "1.mp3").unlink()
    (folder / "place" / "1.mp3").mkdir()
    made = written(folder)
    assert (made.kept, [p.name for p in made.paths]) == (None, ["rain.vtt", "rain.json"])
    assert made.trouble is not None


@pytest.mark.skipif(sys.platform == "win32", reason="temporary folders have no locks there")
def test_temporary_folders_of_killed_runs_are_removed_though_nothing_is_captioned(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = temporary_folder.free_place()
    handle = temporary_folder.occupy(left)
    assert handle is not None
    caption_output.remove_leftovers(folder, "rain")
    assert left.exists()
    os.close(handle)
    caption_output.remove_leftovers(folder, "rain")
    assert not left.exists()
