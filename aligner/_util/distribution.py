"""The distribution's name and version, and the commands that install its extras."""

from __future__ import annotations

from typing import Literal

NAME = "article-aligner"
"""The name on package indexes; the import package and the command are ``aligner``."""
VERSION = "0.2.0"
"""pyproject.toml reads it from here."""

Extra = Literal[
    "offline", "openai-whisper", "ffmpeg", "picture", "http2", "ray", "store", "transformers"
]


def install_hint(extra: Extra) -> str:
    """Returns the command that installs an extra."""
    return f'pip install "{NAME}[{extra}]"'
