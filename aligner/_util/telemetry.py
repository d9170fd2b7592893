"""Turns off the telemetry of libraries.

onnxruntime from 1.32 on sends events to Microsoft and keeps an identifier of the device in the
user's cache. The client of the Hugging Face hub tells the hub of other libraries and their
versions. Both read the environment once, when they are imported; Ray, which reports the cluster's
use, reads it when a cluster starts. The environment is changed for that moment alone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

VARIABLES = {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}

_lock = threading.RLock()
"""All threads share the environment."""


@contextmanager
def telemetry_off() -> Iterator[None]:
    """For a block in which libraries are imported or started without their telemetry."""
    with _lock:
        before = {name: os.environ.get(name) for name in VARIABLES}
        os.environ.update(VARIABLES)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


@cache
def silence_onnxruntime() -> None:
    """Import onnxruntime without its telemetry. Call it before any other import of onnxruntime.

    If the calling program has imported it before, its events are turned off for all of the process.
    Without onnxruntime nothing happens.
    """
    with suppress(ImportError), telemetry_off():
        import onnxruntime

        onnxruntime.disable_telemetry_events()


@cache
def silence_huggingface_hub() -> None:
    """Import the hub's client without its telemetry. Call it before importing faster-whisper."""
    with suppress(ImportError), telemetry_off():
        import huggingface_hub.constants  # noqa: F401
