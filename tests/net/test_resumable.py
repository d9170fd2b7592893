"""Large files: broken connections, refusals, other contents, and what is left of a try."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_hub import Hub
from server import Reply, Server

from aligner.errors import OutputError, PageUnavailable, WeightsMismatch
from aligner.net import resumable
from aligner.net.resumable import RemoteFile, fetch_file, partial_path

DATA = bytes(range(256)) * 400
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumable, "FIRST_WAIT_S", 0.0)
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "model.bin").write_bytes(DATA)
    with Hub({"own/model": tmp_path / "theirs"}) as hub:
        yield hub


def address(hub: Hub, file: str = "model.bin") -> str:
    return f"{hub.environment(Path())['HF_ENDPOINT']}/own/model/resolve/main/{file}"


@pytest.mark.parametrize("size", [len(DATA), None])
def test_a_download_broken_ten_times_is_finished(
    hub: Hub, size: int | None, tmp_path: Path
) -> None:
    hub.breaks = 10
    told: list[tuple[int, int | None]] = []
    target = tmp_path / "mine" / "model.bin"
    fetch_file(RemoteFile(address(hub), SHA256, size), target, lambda *at: told.append(at))
    assert target.read_bytes() == DATA
    assert not partial_path(target).exists()
    starts = [int(part[6:-1]) if part else 0 for part in hub.ranges()]
    assert len(starts) == 11
    assert starts == sorted({*starts})
    assert hub.sent == len(DATA)  # no byte twice
    assert told[-1] == (len(DATA), len(DATA))


def test_a_later_call_goes_on(hub: Hub, tmp_path: Path) -> None:
    target = tmp_path / "model.bin"
    partial_path(target).write_bytes(DATA[:70_000])
    fetch_file(RemoteFile(address(hub), SHA256, len(DATA)), target, lambda *_: None)
    assert (target.read_bytes(), hub.ranges()) == (DATA, ["bytes=70000-"])


def test_a_whole_part_is_not_requested(hub: Hub, tmp_path: Path) -> None:
    target = tmp_path / "model.bin"
    partial_path(target).write_bytes(DATA)
    fetch_file(RemoteFile(address(hub), SHA256, len(DATA)), target, lambda *_: None)
    assert (target.read_bytes(), hub.asked) == (DATA, [])


def test_a_longer_part_is_of_another_file(hub: Hub, tmp_path: Path) -> None:
    target = tmp_path / "model.bin"
    partial_path(target).write_bytes(DATA + b"more")
    fetch_file(RemoteFile(address(hub), SHA256, len(DATA)), target, lambda *_: None)
    assert (target.read_bytes(), hub.ranges()) == (DATA, [None])


def test_another_content_is_removed(hub: Hub, tmp_path: Path) -> None:
    target = tmp_path / "model.bin"
    with pytest.raises(WeightsMismatch, match=SHA256):
        fetch_file(RemoteFile(address(hub), "0" * 64, len(DATA)), target, lambda *_: None)
    assert not target.exists()
    assert not partial_path(target).exists()


def test_a_server_without_ranges_sends_all_again(tmp_path: Path) -> None:
    target = tmp_path / "model.bin"
    partial_path(target).write_bytes(b"other beginning")
    with Server({"/model.bin": Reply(DATA)}) as server:
        fetch_file(RemoteFile(server.url("/model.bin"), SHA256), target, lambda *_: None)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (403, 1), (503, resumable.TRIES)])
def test_a_refusal_is_an_error_and_a_failure_is_tried_again(
    status: int, requests: int, tmp_path: Path
) -> None:
    with Server({"/a": Reply(b"no", status=status)}) as server:
        with pytest.raises(PageUnavailable, match=str(status)):
            fetch_file(RemoteFile(server.url("/a")), tmp_path / "a", lambda *_: None)
        assert len(server.asked) == requests


def test_a_server_that_sends_no_new_byte_is_given_up(tmp_path: Path) -> None:
    with Server({"/a": Reply(b"half", promised=8)}) as server:
        with pytest.raises(PageUnavailable):
            fetch_file(RemoteFile(server.url("/a"), size=8), tmp_path / "a", lambda *_: None)
        assert len(server.asked) == resumable.TRIES + 1


def test_a_folder_that_cannot_be_written(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        fetch_file(RemoteFile(address(hub)), tmp_path / "file" / "model.bin", lambda *_: None)
