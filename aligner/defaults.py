"""What holds where nobody says otherwise: the same on the command line and in Python.

Options of commands and fields of option dataclasses take their defaults from here.
"""

from __future__ import annotations

from typing import Literal

# ---------------------------------------------------------------- captioning
ENGINE = "auto"
MODEL = "base"
DEVICE: Literal["auto"] = "auto"
PROFILE = "netflix"
TIMING: Literal["usual"] = "usual"
FORMATS: tuple[str, ...] = ("vtt", "json", "txt")

# ---------------------------------------------------------------- asking sites
JOBS = 8
"""Sources at the same time, where there are many."""
PER_HOST = 4
"""Requests to one host at the same time."""
DELAY_S = 0.0
"""Between the starts of two requests to one host."""
TIMEOUT_S = 30.0
"""For a request, with all redirects and tries."""
RETRIES = 2
"""How often to ask again where a connection fails or a server says to come again."""

# ---------------------------------------------------------------- batches
FOLDER = "captions"
DISK_BYTES = 20_000_000_000
"""What recordings on their way may take before the next is downloaded."""
GPU_WORKERS = 0
