"""Downloads of models from a hub on loopback, in a process of their own, stopped and gone on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from model_hub import Hub
from tiny_whisper import whole
from tones import tones, write_wav

from aligner.asr import models
from aligner.asr.models import hub
from aligner.asr.models.download_program import NoSpaceError, space_note
from aligner.errors import EngineUnavailable

BIG = 3_000_000


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Hub]:
    folder = whole(tmp_path / "theirs")
    (folder / "vocabulary.json").write_bytes((folder / "vocabulary.json").read_bytes() + b" " * BIG)
    with Hub({"own/model": folder, "Systran/faster-whisper-small": folder}) as served:
        yield served


@pytest.fixture
def ours(served: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub client's cache, of this process and of those that download."""
    cache = tmp_path / "hub"
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    for name, value in served.environment(cache).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    return cache


class Watching:
    """Keeps what is said; raises ``error`` at a report with at least ``after`` bytes."""

    def __init__(self, after: int | None = None) -> None:
        self.after = after
        self.notes: list[str] = []
        self.told: list[tuple[int, int | None]] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def advance(self, done: int, total: int | None) -> None:
        self.told.append((done, total))
        if self.after is not None and done >= self.after:
            raise KeyboardInterrupt


def test_a_model_broken_off_ten_times_is_whole(served: Hub, ours: Path) -> None:
    served.breaks = 10
    watch = Watching()
    folder = models.fetch("own/model", watch)
    assert folder.is_relative_to(ours)
    theirs = served.models["own/model"]
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        p.name: p.read_bytes() for p in theirs.iterdir()
    }
    assert len(served.ranges()) == 11
    assert len({*served.ranges()}) == 11
    assert watch.told[-1] == (size := BIG + 39_269, size)
    (note,) = watch.notes
    assert "3 MB" in note
    assert str(ours) in note
    assert "free" in note
    assert models.at_hand("own/model", "ctranslate2")


def test_a_named_model_comes_from_the_hub(served: Hub, ours: Path) -> None:
    assert not models.at_hand("small", "ctranslate2")
    folder = models.resolve("small", "ctranslate2").path
    assert (folder / "model.bin").read_bytes()
    asked = len(served.asked)
    assert models.resolve("small", "ctranslate2").path == folder
    assert len(served.asked) == asked


def test_a_stopped_download_goes_on(served: Hub, ours: Path) -> None:
    served.stalls.set()
    with pytest.raises(KeyboardInterrupt):
        models.fetch("own/model", Watching(after=1))
    served.stalls.clear()
    assert not models.at_hand("own/model", "ctranslate2")
    first = len(served.ranges())
    watch = Watching()
    models.fetch("own/model", watch)
    assert served.ranges()[first] not in (None, "bytes=0-")
    assert "are here already" in watch.notes[0]


def test_what_the_hub_refuses_is_told_with_the_remedy(served: Hub, ours: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"own/other: .* cannot be downloaded .*offline"):
        models.fetch("own/other")


def test_a_repository_without_weights_is_refused(served: Hub, ours: Path) -> None:
    (served.models["own/model"] / "model.bin").unlink()
    with pytest.raises(EngineUnavailable, match="no model in CTranslate2's form"):
        models.fetch("own/model")


def test_a_full_disk_is_told_before_the_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, free = tmp_path / "new", [2_000_000_000]
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free[0]))
    assert space_note(600_000_000, 1_600_000_000, folder) == (
        f"downloading 1.0 GB to {folder}, where 2.0 GB are free; 600 MB are here already"
    )
    assert space_note(1_600_000_000, 1_600_000_000, folder) is None
    free[0] = 1_010_000_000
    with pytest.raises(NoSpaceError, match=r"1\.0 GB .* too little"):
        space_note(600_000_000, 1_600_000_000, folder)


def test_names_stand_for_the_same_repositories_as_in_faster_whisper() -> None:
    from faster_whisper import utils

    for name in models.MODELS:
        assert hub.repository(name) == utils._MODELS[name]


# ---------------------------------------------------------------- the command


def aligner(*arguments: str, env: dict[str, str]) -> subprocess.Popen[str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "aligner", *arguments], env=kept | env,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


CACHES = {
    "HF_HUB_CACHE": "models--own--model",
    "HUGGINGFACE_HUB_CACHE": "models--own--model",
    "HF_HOME": "hub/models--own--model",
    "XDG_CACHE_HOME": "huggingface/hub/models--own--model",
}


@pytest.mark.parametrize("variable", CACHES)
def test_the_variables_of_the_hubs_client_name_the_folder(
    variable: str, served: Hub, tmp_path: Path
) -> None:
    env = served.environment(tmp_path) | {"ALIGNER_CACHE": str(tmp_path / "cache")}
    del env["HF_HUB_CACHE"]
    env[variable] = str(tmp_path / "mine")
    with aligner("models", "fetch", "own/model", "-q", env=env) as ran:
        out, err = ran.communicate(timeout=60)
    assert (ran.returncode, err) == (0, "")
    assert str(tmp_path / "mine" / CACHES[variable]) in out
    env["HF_HUB_OFFLINE"] = "1"
    with aligner("models", "fetch", "own/model", "-q", env=env) as again:
        assert again.communicate(timeout=60) == (out, "")


@pytest.mark.parametrize("command", ["fetch", "caption"])
def test_the_first_interruption_ends_it(command: str, served: Hub, tmp_path: Path) -> None:
    """The signal goes to the command alone, not, as in a terminal, to all of its processes."""
    env = served.environment(tmp_path / "hub") | {"ALIGNER_CACHE": str(tmp_path / "cache")}
    served.stalls.set()
    arguments: tuple[str, ...] = ("models", "fetch", "own/model")
    if command == "caption":
        write_wav(tmp_path / "a.wav", tones(16_000), 16_000)
        (tmp_path / "a.txt").write_text("The harbour was quiet.")
        arguments = ("caption", str(tmp_path / "a.txt"), "--media", str(tmp_path / "a.wav"))
        arguments += ("--model", "own/model", "-o", str(tmp_path / "out"))
    with aligner(*arguments, env=env) as ran:
        assert ran.stderr is not None
        said = next(line for line in ran.stderr if "are free" in line)
        assert "downloading 3 MB" in said
        while not sum(part.stat().st_size for part in (tmp_path / "hub").rglob("*.partial")):
            time.sleep(0.02)
        ran.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, err = ran.communicate(timeout=30)
        took_s = time.monotonic() - began
    assert ran.returncode == 130, err
    assert took_s < 3.0
    left = [*(tmp_path / "hub").rglob("*.partial")]
    assert len(left) == 1
    assert left[0].stat().st_size
