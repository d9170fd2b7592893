"""Reads JSON from outside strictly: every invalid text is a ValueError."""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_DEPTH = 100
"""Nesting of lists and objects. Files of aligner have seven levels; Python's recursion ends at some
hundreds."""
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""An escaped surrogate; a valid character beyond U+FFFF has two of them."""


def read(text: str | bytes) -> Any:
    """Parse a JSON text into a value that can be written as UTF-8 JSON again.

    Raises ValueError for invalid JSON, also for what Python's parser accepts: deep nesting, NaN,
    infinite numbers and unpaired surrogates.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite_float)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if _is_too_deep(value):
        raise ValueError("nested too deeply")
    if SURROGATE.search(text):
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # raises UnicodeEncodeError
    return value


def _refuse_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite_float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        containers = [part for part in level if isinstance(part, dict | list)]
        if not containers:
            return False
        level = [i for c in containers for i in (c.values() if isinstance(c, dict) else c)]
    return True
