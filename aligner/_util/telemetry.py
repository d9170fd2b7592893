"""Libraries that tell their makers of their use are kept from it: nobody is called unasked.

onnxruntime from 1.32 on sends events to Microsoft, and keeps an identifier of the device in the
user's cache. It asks the environment whether it may once, when it is imported.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache

VARIABLE = "ORT_DISABLE_TELEMETRY"


@cache
def silence_onnxruntime() -> None:
    """Import onnxruntime, without its telemetry; call it before whatever else imports it.

    The environment is afterwards as it was. Nothing happens where onnxruntime is not installed.
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
        onnxruntime.disable_telemetry_events()  # where somebody else imported it before
