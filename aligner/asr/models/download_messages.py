"""What a download's process is told, and what it says."""

from __future__ import annotations

from typing import Literal

import msgspec


class DownloadJob(msgspec.Struct, frozen=True):
    """A model to download."""

    kind: Literal["hub", "checkpoint"]
    name: str
    """Its id on the hub ("owner/name"), or its name in openai-whisper."""
    patterns: list[str] = []
    """Of the files that are wanted, on the hub."""
    target: str = ""
    """The path of a checkpoint."""
    size: int = 0
    """Bytes of a checkpoint, as far as they are known before; 0 if not at all."""


class DownloadReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of a download."""

    done: int = 0
    total: int = 0
    """Bytes here, and all; 0 as long as the size is not known."""
    note: str | None = None
    """A sentence for people."""
    path: str | None = None
    """Where the model is, at the end."""
    failed: str | None = None
    """Why there is none, at the end."""
