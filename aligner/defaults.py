"""Default values of options, the same on the command line and in Python.

The commands' options and the fields of option dataclasses take their defaults from here.
"""

from __future__ import annotations

from typing import Literal

# ---------------------------------------------------------------- captioning
ENGINE = "auto"
MODEL = "base"
DEVICE: Literal["auto"] = "auto"
PROFILE = "netflix"
TIMING: Literal["usual"] = "usual"
SPEAKERS: Literal["auto"] = "auto"
FORMATS: tuple[str, ...] = ("vtt", "json", "txt")

# ---------------------------------------------------------------- requests
JOBS = 8
"""Sources processed at the same time."""
PER_HOST = 4
"""Simultaneous requests to one host."""
DELAY_S = 0.0
"""Seconds between the starts of two requests to one host."""
TIMEOUT_S = 30.0
"""Time limit of a request in seconds, including redirects and retries."""
RETRIES = 2
"""Retries after a failed connection, or if a server asks to try again later."""

# ---------------------------------------------------------------- batches
FOLDER = "captions"
DISK_BYTES = 20_000_000_000
"""Disk space for recordings in progress; further downloads wait."""
GPU_WORKERS = 0
