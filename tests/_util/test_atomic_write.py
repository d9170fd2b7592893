"""Files and folders appear whole, or stay as they were."""

import os
import threading
from pathlib import Path

import pytest

from aligner._util.atomic_write import (
    atomic_path,
    atomic_write,
    discard,
    prepare_within,
    remove_within,
    replace,
)
from aligner.errors import OutputError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are flushed to the disk, in order."""
    paths: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        paths.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return paths


def test_a_file_and_its_folder_are_flushed(tmp_path: Path, synced: list[str]) -> None:
    atomic_write(tmp_path / "a.txt", "text")
    assert [name.startswith(".a.txt.") for name in synced] == [True, False]
    assert synced[1] == tmp_path.name


def test_a_made_folder_is_flushed_with_all_its_files(tmp_path: Path, synced: list[str]) -> None:
    with atomic_path(tmp_path / "model") as made:
        (made / "below").mkdir(parents=True)
        (made / "below" / "a.bin").write_bytes(b"a")
    assert sorted(synced) == sorted(["model", "below", "a.bin", tmp_path.name])


def test_what_can_be_made_again_is_not_flushed(tmp_path: Path, synced: list[str]) -> None:
    atomic_write(tmp_path / "a", b"a", durable=False)
    with atomic_path(tmp_path / "b", durable=False) as made:
        made.write_bytes(b"b")
    (tmp_path / "c").write_bytes(b"c")
    replace(tmp_path / "c", tmp_path / "d", durable=False)
    assert synced == []
    assert names(tmp_path) == ["a", "b", "d"]


def fail_half_way(path: Path, error: type[BaseException]) -> None:
    path.write_text("half")
    raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_block_that_raises_leaves_what_was_there(
    tmp_path: Path, error: type[BaseException]
) -> None:
    (tmp_path / "a").write_text("before")
    with pytest.raises(error), atomic_path(tmp_path / "a") as made:
        fail_half_way(made, error)
    assert (tmp_path / "a").read_text() == "before"
    assert names(tmp_path) == ["a"]


def test_an_oserror_of_the_block_names_the_target(tmp_path: Path) -> None:
    expected = pytest.raises(OutputError, match=r"model.*the folder does not exist")
    with expected, atomic_path(tmp_path / "model") as made:
        (made / "absent" / "a").write_text("a")
    assert names(tmp_path) == []


def test_a_block_that_makes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError), atomic_path(tmp_path / "a"):
        pass
    assert names(tmp_path) == []


def test_a_folder_takes_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old").touch()
    with atomic_path(tmp_path / "model") as made:
        made.mkdir()
        (made / "new").touch()
    assert names(tmp_path / "model") == ["new"]
    assert names(tmp_path) == ["model"]


def test_a_file_does_not_take_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a" / "inside").mkdir(parents=True)
    with pytest.raises(OutputError), atomic_path(tmp_path / "a") as made:
        made.write_text("a")
    assert names(tmp_path / "a") == ["inside"]


def test_folders_of_our_own_are_no_links(tmp_path: Path) -> None:
    root, theirs = tmp_path / "root", tmp_path / "theirs"
    prepare_within(root, root / "a" / "b")
    assert (root / "a" / "b").is_dir()
    (theirs / "b").mkdir(parents=True)
    (theirs / "b" / "precious").touch()
    (root / "link").symlink_to(theirs)
    (root / "file").touch()
    for place in (root / "link", root / "link" / "b", root / "file", root / "file" / "b"):
        with pytest.raises(OutputError):
            prepare_within(root, place)
    with pytest.raises(OutputError):
        remove_within(root, root / "link" / "b")
    remove_within(root, root / "link")
    remove_within(root, root / "a")
    assert names(root) == ["file"]
    assert names(theirs / "b") == ["precious"]


def test_threads_that_write_one_file_do_not_mix(tmp_path: Path) -> None:
    texts = [str(digit) * 50_000 for digit in range(4)]
    failures: list[BaseException] = []

    def work(text: str) -> None:
        try:
            for _ in range(20):
                atomic_write(tmp_path / "a", text, durable=False)
                with atomic_path(tmp_path / "a", durable=False) as made:
                    made.write_text(text)
        except BaseException as error:  # shown by the assertion
            failures.append(error)

    threads = [threading.Thread(target=work, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (tmp_path / "a").read_text() in texts
    assert names(tmp_path) == ["a"]


def test_discarding_a_link_keeps_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    discard(tmp_path / "link")
    discard(tmp_path / "absent")
    assert names(tmp_path) == ["real"]
    assert names(tmp_path / "real") == ["a"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no locks of files")
def test_the_next_maker_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    """And leaves what another one is making, and files of others."""
    left, other = (tmp_path / f".{name}.mp4.0123456789abcdef.part" for name in "ab")
    for folder in (left, other):
        folder.mkdir()
        (folder / "a.mp4").write_bytes(b"half")
    (tmp_path / ".a.mp4.0123456789abcde0.part").write_bytes(b"a file")
    with atomic_path(tmp_path / "a.mp4") as one, atomic_path(tmp_path / "a.mp4") as two:
        for made in (one, two):
            made.write_bytes(made.parent.name.encode())
        assert one.exists()
        assert not left.exists()
    assert names(tmp_path) == [".a.mp4.0123456789abcde0.part", other.name, "a.mp4"]
