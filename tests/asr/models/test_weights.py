"""Weights from packages, the cache and paths; made-up packages show every fault."""

from __future__ import annotations

import hashlib
import json
import operator
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tiny_whisper import whole

from aligner._util.cache_folder import cache_dir
from aligner._util.distribution import install_hint
from aligner.asr import models
from aligner.asr.models import base, hub
from aligner.asr.models.base import Model, ModelFile, ModelFilePart
from aligner.errors import BadSource, EngineUnavailable, OutputError, WeightsMismatch

PARTS = {"one": b"first half, ", "two": b"second half"}
WHOLE = b"".join(PARTS.values())
CONFIG = b"{}"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def install(site: Path, package: str, files: dict[str, bytes]) -> None:
    """What an installed package looks like on disk; importing it would fail the test."""
    module = package.replace("-", "_")
    info = site / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    files = files | {"__init__.py": b"raise RuntimeError('imported')"}
    for name, data in files.items():
        path = site / module / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (info / "RECORD").write_text("".join(f"{module}/{name},,\n" for name in files))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a hub cache that is not there."""
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-hub"))
    return tmp_path / "cache"


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model in two packages, in the registry under its name."""
    pieces = tuple(ModelFilePart(f"fake-{n}", f"fake_{n}/data/model.bin.{n}") for n in PARTS)
    files = (
        ModelFile("model.bin", sha(WHOLE), pieces),
        ModelFile(
            "config.json", sha(CONFIG), (ModelFilePart("fake-one", "fake_one/data/config.json"),)
        ),
    )
    made = Model("fake", ("en",), 23, "MIT", "https://example.org", files)
    monkeypatch.setitem(models.MODELS, "fake", made)
    return made


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that packages are found in."""
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return tmp_path / "site"


@pytest.fixture
def installed(site: Path, model: Model, cache: Path) -> Model:
    install(site, "fake-one", {"data/model.bin.one": PARTS["one"], "data/config.json": CONFIG})
    install(site, "fake-two", {"data/model.bin.two": PARTS["two"]})
    return model


def no_download(name: str, _watch: models.Watch) -> Path:
    raise EngineUnavailable(f"model {name}", f"no network; {hub.ADVICE}")


def leftovers(cache: Path) -> list[str]:
    return [p.name for p in cache.rglob(".*.part")]


def test_parts_are_joined_in_the_cache_without_importing_their_packages(
    installed: Model, cache: Path
) -> None:
    found = models.resolve("fake", "ctranslate2")
    assert found.path == cache / "ctranslate2" / "fake"
    assert (found.path / "model.bin").read_bytes() == WHOLE
    assert (found.path / "config.json").read_bytes() == CONFIG
    assert not {"fake_one", "fake_two"} & set(sys.modules)
    assert leftovers(cache) == []


def test_a_checked_model_is_not_read_again(
    installed: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.fetch("fake")
    monkeypatch.setattr(base, "sha256_of", None)
    monkeypatch.setattr(base, "assemble", None)
    assert models.fetch("fake").is_dir()


def test_verify_reads_all_files_again(installed: Model, cache: Path) -> None:
    """Even where size and time of change are those that were checked."""
    path = models.verify("fake") / "model.bin"
    before = path.stat()
    path.write_bytes(WHOLE[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert models.fetch("fake") == path.parent
    with pytest.raises(WeightsMismatch):
        models.verify("fake")


def test_a_mismatch_names_both_sums(site: Path, model: Model, cache: Path) -> None:
    install(site, "fake-one", {"data/model.bin.one": b"FIRST", "data/config.json": CONFIG})
    install(site, "fake-two", {"data/model.bin.two": PARTS["two"]})
    with pytest.raises(WeightsMismatch) as caught:
        models.resolve("fake", "ctranslate2")
    assert sha(WHOLE) in str(caught.value)
    assert sha(b"FIRST" + PARTS["two"]) in str(caught.value)
    assert not (cache / "ctranslate2" / "fake").exists()
    assert leftovers(cache) == []


@pytest.mark.parametrize("missing", ["a package", "a file", "both"])
def test_a_partly_installed_model_is_not_installed(
    missing: str, site: Path, model: Model, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "download_model", no_download)
    if missing != "both":
        install(site, "fake-one", {"data/model.bin.one": PARTS["one"], "data/config.json": CONFIG})
    if missing == "a file":
        install(site, "fake-two", {"data/other": b""})
    assert [a.where for a in models.available() if a.model is model] == ["download"]
    with pytest.raises(EngineUnavailable, match=r"pip install \"article-aligner\[offline\]\""):
        models.resolve("fake", "ctranslate2")
    with pytest.raises(EngineUnavailable, match="not on this disk"):
        models.verify("fake")


def test_an_interrupted_assembly_leaves_nothing(
    installed: Model, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(base, "_join", interrupted)
        with pytest.raises(KeyboardInterrupt):
            models.fetch("fake")
    assert leftovers(cache) == []
    assert not (cache / "ctranslate2" / "fake").exists()
    assert (models.fetch("fake") / "model.bin").read_bytes() == WHOLE


def quantise(folder: Path) -> Path:
    quantize = models.resolve(str(folder), "ctranslate2").quantize
    assert quantize is not None
    return quantize(False)


@pytest.mark.parametrize(
    ("maker", "use"),
    [
        ("base.assemble", lambda _: models.fetch("fake")),
        pytest.param(
            "ct2_to_openai.convert",
            lambda folder: models.resolve(str(folder), "openai").path,
            marks=pytest.mark.slow,  # loads PyTorch
        ),
        ("quantized.make", quantise),
    ],
)
def test_what_several_need_at_once_is_made_once(
    maker: str,
    use: Callable[[Path], Path],
    installed: Model,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each thread opens the lock by itself, as processes do."""
    folder, made = whole(tmp_path / "mine"), []
    make = operator.attrgetter(maker)(models)

    def slowly(*given: object) -> None:
        made.append(given)
        time.sleep(0.1)
        make(*given)

    monkeypatch.setattr(f"aligner.asr.models.{maker}", slowly)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(use, [folder] * 4))
    assert len(made) == len(found) == 1
    assert found.pop().exists()


@pytest.mark.parametrize("fault", ["cut short", "missing"])
def test_a_damaged_cache_is_assembled_again(fault: str, installed: Model) -> None:
    path = models.fetch("fake") / "model.bin"
    if fault == "missing":
        path.unlink()
    else:
        path.write_bytes(WHOLE[:5])
    assert (models.fetch("fake") / "model.bin").read_bytes() == WHOLE


def test_a_damaged_cache_without_its_packages_is_refused(model: Model, cache: Path) -> None:
    folder = cache / "ctranslate2" / "fake"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"other")
    (folder / "config.json").write_bytes(CONFIG)
    with pytest.raises(WeightsMismatch, match=sha(b"other")):
        models.fetch("fake")


def test_a_changed_catalog_record_makes_the_stamp_invalid(
    installed: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files checked against another record are checked again."""
    models.fetch("fake")
    stamp = cache_dir() / "checked" / "fake.json"
    text = stamp.read_text(encoding="utf-8")
    stamp.write_text(text.replace(sha(WHOLE), sha(b"an older release")), encoding="utf-8")
    models.fetch("fake")
    assert sha(WHOLE) in stamp.read_text(encoding="utf-8")


@pytest.mark.parametrize("junk", ["", "{", "[]", "null"])
def test_a_damaged_stamp_only_repeats_the_check(junk: str, installed: Model) -> None:
    models.fetch("fake")
    stamp = cache_dir() / "checked" / "fake.json"
    stamp.write_text(junk, encoding="utf-8")
    models.fetch("fake")
    assert json.loads(stamp.read_text(encoding="utf-8"))["files"]


def test_a_cache_that_cannot_be_written(installed: Model, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="cannot be written"):
        models.fetch("fake")


def test_available_models_name_their_place(installed: Model) -> None:
    def where() -> tuple[str, Path | None]:
        (found,) = (a for a in models.available() if a.model is installed)
        return found.where, found.path

    assert where() == ("package", None)
    folder = models.fetch("fake")
    assert where() == ("cache", folder)


def test_a_checkpoint_of_openai_whisper_is_at_hand(
    model: Model, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where nothing else of the model is here, its own recogniser can use it, and no other."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert not models.at_hand("fake", "openai")
    file = tmp_path / "user" / "whisper" / "fake.pt"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"")
    assert models.at_hand("fake", "openai")
    assert not models.at_hand("fake", "ctranslate2")
    assert [(a.where, a.path) for a in models.available() if a.model is model] == [("cache", file)]
    found = models.resolve("fake", "openai")
    assert (found.path, found.published) == (file, True)


def test_installed_weights_are_at_hand_in_both_forms(installed: Model) -> None:
    assert models.at_hand("fake", "openai")
    assert models.at_hand("fake", "ctranslate2")


# ---------------------------------------------------------------- paths and names


def test_a_model_is_taken_from_the_users_folder(tmp_path: Path, cache: Path) -> None:
    folder = whole(tmp_path / "mine")
    found = models.resolve(str(folder), "ctranslate2")
    assert (found.name, found.path) == ("mine", folder)
    assert found.sha256 == hashlib.sha256((folder / "model.bin").read_bytes()).hexdigest()


def test_the_checksum_of_a_changed_file_is_computed_anew(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "mine.pt"
    for content in (b"one", b"other"):
        path.write_bytes(content)
        for _ in range(2):
            assert base.remembered_sha256(path) == hashlib.sha256(content).hexdigest()


def test_a_checkpoint_is_taken_from_the_users_path(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "mine.pt"
    path.write_bytes(b"")
    found = models.resolve(str(path), "openai")
    assert (found.name, found.path) == ("mine", path)
    with pytest.raises(BadSource, match="--engine openai-whisper"):
        models.resolve(str(path), "ctranslate2")


@pytest.mark.parametrize("name", ["huge", "no/such/folder", "nothing.pt", ""])
def test_other_paths_are_no_models(name: str, cache: Path) -> None:
    with pytest.raises(BadSource, match=r"base, base\.en, tiny\.en"):
        models.resolve(name, "ctranslate2")


@pytest.mark.parametrize("call", [models.fetch, models.verify])
def test_fetch_and_verify_take_names_only(call: object, cache: Path) -> None:
    assert callable(call)
    with pytest.raises(BadSource, match="no such model"):
        call("huge")


def test_verify_says_where_no_sums_are_known(cache: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no published sums"):
        models.verify("large-v3")


@pytest.mark.parametrize(
    ("name", "wanted"), [("turbo", "large-v3-turbo"), ("large", "large-v3"), ("base.en", "base.en")]
)
def test_a_model_is_found_by_its_usual_names(
    name: str, wanted: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def download(name: str, _watch: models.Watch) -> Path:
        asked.append(name)
        return whole(tmp_path / "mine")

    monkeypatch.setattr(hub, "download_model", download)
    assert models.is_name(name)
    found = models.resolve(name, "ctranslate2")
    assert (found.name, {*asked}) == (wanted, {wanted})


# ---------------------------------------------------------------- the published ones


def test_every_record_can_be_shown() -> None:
    for name, model in models.MODELS.items():
        assert model.name == name
        assert model.size_bytes > 50_000_000
        assert model.licence == "MIT"
        assert model.homepage.startswith("https://")
        assert all(len(file.sha256) == 64 for file in model.files)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["base", "tiny.en"])
def test_published_weights(name: str, cache: Path) -> None:
    model = models.MODELS[name]
    assert base.is_installed(model), f"{install_hint('offline')} for {model.packages}"
    folder = models.verify(name)
    assert sum(p.stat().st_size for p in folder.iterdir()) == model.size_bytes
