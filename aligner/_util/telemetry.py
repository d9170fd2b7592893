"""Turns off the telemetry of libraries.

onnxruntime from 1.32 on sends events to Microsoft, and keeps an identifier of the device in the
user's cache. It reads the environment once, when it is imported.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache

VARIABLE = "ORT_DISABLE_TELEMETRY"


@cache
def silence_onnxruntime() -> None:
    """Import onnxruntime without its telemetry. Call it before any other import of onnxruntime.

    The environment is restored. Without onnxruntime nothing happens.
    """
    with suppress(ImportError):
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = "1"
        try:
            import onnxruntime
        finally:
            if before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = before
        onnxruntime.disable_telemetry_events()  # if it was imported before
