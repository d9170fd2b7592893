"""JSON that comes from outside -> its value, or a ValueError, whatever it is."""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 100
"""Levels of lists and objects. What is written here has seven; recursion ends at some hundreds."""
HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""Half of a character beyond U+FFFF, escaped. Whole ones are two of them."""


def read(text: str | bytes) -> Any:
    """A JSON text -> its value, which can be written as UTF-8 JSON again.

    Raises ValueError if it is none; also for what Python's reader lets through: nesting without
    end, numbers that are none or are infinite, halves of characters.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    try:
        value = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if _is_too_deep(value):
        raise ValueError("nested too deeply")
    if HALF.search(text):
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # raises UnicodeEncodeError
    return value


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        holders = [part for part in level if isinstance(part, dict | list)]
        if not holders:
            return False
        level = [i for h in holders for i in (h.values() if isinstance(h, dict) else h)]
    return True
