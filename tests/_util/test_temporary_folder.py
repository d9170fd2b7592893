"""Temporary folders, and those that killed processes have left."""

import ast
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import aligner
from aligner._util import temporary_folder as folders

HOLD = """
import sys
from aligner._util.temporary_folder import temporary_folder
with temporary_folder() as place:
    (place / "recording.mp3").write_bytes(b"sound")
    print(place.parent, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def held(place: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process with a temporary folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], env=os.environ | {"TMPDIR": str(place)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def test_a_folder_is_removed(place: Path) -> None:
    with folders.temporary_folder() as made:
        assert list(made.iterdir()) == []
        assert made.parent.stat().st_mode & 0o777 == 0o700
        (made / "a").touch()
    assert list(place.iterdir()) == []


def test_only_what_the_dead_left_is_removed(place: Path) -> None:
    theirs = place / "theirs"
    theirs.mkdir()
    (theirs / "precious").touch()
    (place / "aligner-0123456789abcdef").symlink_to(theirs)
    (place / "aligner-notes").mkdir()
    unlocked = place / "aligner-fedcba9876543210"
    unlocked.mkdir()
    (alive, kept), (dead, left) = held(place), held(place)
    dead.kill()
    dead.communicate()
    assert left.is_dir()
    folders.sweep()
    assert not left.exists()
    assert (kept / "files" / "recording.mp3").exists()
    alive.communicate("", timeout=60)
    assert {path.name for path in place.iterdir()} == {
        "theirs", "aligner-0123456789abcdef", "aligner-notes", unlocked.name,
    }  # fmt: skip
    assert (theirs / "precious").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file of another user")
def test_folders_of_other_users_stay(place: Path) -> None:
    dead, left = held(place)
    dead.kill()
    dead.communicate()
    os.chown(left, 12_345, 12_345)
    folders.sweep()
    assert left.is_dir()


def test_there_is_one_way_to_make_temporary_folders() -> None:
    """A guard: a folder that is made otherwise is found by no later run."""
    root = Path(aligner.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name.endswith(("TemporaryDirectory", "mkdtemp")):
                given = {keyword.arg for keyword in node.keywords}  # type: ignore[attr-defined]
                assert "dir" in given, f"{path}, line {node.lineno}"  # type: ignore[attr-defined]
