"""What the package is called where it is installed from, and how its extras are installed."""

from __future__ import annotations

from typing import Literal

NAME = "article-aligner"
"""The distribution's name on package indexes; ``aligner`` is what is imported and run."""
VERSION = "0.2.0"
"""pyproject.toml reads it from here."""

Extra = Literal["offline", "openai-whisper", "ffmpeg", "picture", "http2", "ray", "store"]


def install_hint(extra: Extra) -> str:
    """The command that installs an extra."""
    return f'pip install "{NAME}[{extra}]"'
