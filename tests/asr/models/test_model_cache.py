"""What was made of models, and what of it `aligner models prune` removes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock
from tiny_whisper import whole

from aligner.asr import models
from aligner.asr.models import base, model_cache, quantized
from aligner.cli import aligner

DAY_S = 86_400


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-hub"))
    return tmp_path / "cache"


def age(path: Path, days: float) -> None:
    when = time.time() - days * DAY_S
    for each in (path, path.with_name(f".{path.name}.used")):
        if each.exists():
            os.utime(each, (when, when))


def in_8_bits(folder: Path) -> Path:
    quantize = models.resolve(str(folder), "ctranslate2").quantize
    assert quantize is not None
    return quantize(False)


def prune(*arguments: str) -> str:
    ran = CliRunner().invoke(aligner, ["models", "prune", *arguments], standalone_mode=False)
    assert ran.exception is None
    return ran.stdout


def test_what_is_used_stays_and_what_is_not_goes(tmp_path: Path, cache: Path) -> None:
    old, used = in_8_bits(whole(tmp_path / "old")), in_8_bits(whole(tmp_path / "used"))
    age(old, 40)
    age(used, 40)
    in_8_bits(tmp_path / "used")  # which notes the use
    assert str(old) in prune("--dry-run")
    assert old.is_dir()
    said = prune()
    assert f"removed {sum(p.stat().st_size for p in used.iterdir()) / 1e6:,.1f} MB: {old}" in said
    assert not old.exists()
    assert used.is_dir()
    assert [p.name for p in old.parent.iterdir() if "old" in p.name] == [f".{old.name}.lock"]
    assert prune() == "nothing to remove\n"
    assert in_8_bits(tmp_path / "old") == old
    assert old.is_dir()


def test_conversions_of_another_version_go_at_once(tmp_path: Path, cache: Path) -> None:
    made = in_8_bits(whole(tmp_path / "mine"))
    other = made.rename(made.with_name(made.name.replace(f"-{quantized.VERSION}", "-0")))
    assert str(other) in prune()
    assert not other.exists()


def test_all_goes_if_that_is_wanted(tmp_path: Path, cache: Path) -> None:
    folder = whole(tmp_path / "mine")
    (folder / "config.json").unlink()  # so that the folder is completed
    made = in_8_bits(folder)
    time.sleep(0.01)
    prune("--older-than", "0")
    assert not made.exists()
    assert [entry.path for entry in model_cache.entries()] == []
    assert in_8_bits(folder).is_dir()


def test_what_another_process_makes_stays(tmp_path: Path, cache: Path) -> None:
    made = in_8_bits(whole(tmp_path / "mine"))
    age(made, 40)
    with FileLock(base.lock_of(made)):
        assert prune() == "nothing to remove\n"
    assert made.is_dir()


def test_a_model_whose_packages_are_gone_stays(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = base.model_folder(models.MODELS["base"])
    folder.mkdir(parents=True)
    age(folder, 400)
    monkeypatch.setattr(base, "is_installed", lambda _: False)
    assert prune() == "nothing to remove\n"
    monkeypatch.setattr(base, "is_installed", lambda _: True)
    prune()
    assert not folder.exists()
