"""The folder of what is made once and used again: models, pages, measurements."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir() -> Path:
    """Returns the folder of aligner's cache: $ALIGNER_CACHE, else one in the user's cache."""
    if given := os.environ.get("ALIGNER_CACHE"):
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("aligner")
